import type * as z from 'zod';
import { type ProblemDetails, problemType, statusOf } from '#contracts/kit/problem.ts';

/** A failure that no repetition mends: the event is parked at once, with this as its error. */
export class PermanentFailure extends Error {
  override name = 'PermanentFailure';
}

/** A failure that goes away: the event is delivered again later, the request answered 503. */
export class TransientFailure extends Error {
  override name = 'TransientFailure';
}

const TITLES: Record<string, string> = {
  'invalid-request': 'The request does not fit the contract',
  unauthenticated: 'Who is asking is not known',
  forbidden: 'The caller has no role that may do this',
  'not-found': 'There is nothing here by that id',
  'version-changed': 'The resource has changed since it was read',
  'version-required': 'Say which version you read, in If-Match',
  'too-large': 'The request is too large',
  'storage-quota-exceeded': 'The space of the plan does not suffice',
  'idempotency-key-reused': 'The idempotency key was used for another request',
  'quota-exceeded': 'Too many requests',
  'internal-error': 'Something went wrong here',
  unavailable: 'Not available at the moment',
};

/** RFC 9457 problem details. A code without a title of its own reads as its words. */
export function problem(
  code: string,
  detail: string,
  more: Pick<ProblemDetails, 'errors' | 'instance' | 'traceId' | 'bytesLeft'> = {},
): ProblemDetails {
  const title = TITLES[code] ?? `${code.charAt(0).toUpperCase()}${code.slice(1).replaceAll('-', ' ')}`;
  return { type: problemType(code), code, title, status: statusOf(code), detail, ...more };
}

/** Every field that does not fit, by its path: `ticks[3].price`. */
export function fieldErrors(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.reduce<string>(
      (text, part) =>
        typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
      '',
    );
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: path === '' ? key : `${path}.${key}`,
        message: 'is not a field of this request',
      }));
    return [{ path, message: issue.message }];
  });
}

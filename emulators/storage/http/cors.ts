import type { BucketSettings } from '../buckets/settings.ts';
import type { Answer } from './answer.ts';
import { type Call, header } from './call.ts';

type Rules = NonNullable<BucketSettings['cors']>;

const METHODS = 'DELETE, GET, HEAD, PATCH, POST, PUT';
const DEFAULT_MAX_AGE_SECONDS = 3600;

/** The JSON API lets pages of every origin in, whatever the bucket's configuration says. */
export function jsonCors(call: Call): Record<string, string> {
  const origin = header(call, 'origin');
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers':
      'Content-Encoding, Content-Length, Content-Type, ETag, Location, Range, X-Goog-Hash, X-GUploader-UploadID',
    vary: 'Origin',
  };
}

export function jsonPreflight(call: Call): Answer {
  const asked = header(call, 'access-control-request-headers');
  return {
    headers: {
      ...jsonCors(call),
      'access-control-allow-methods': METHODS,
      'access-control-max-age': String(DEFAULT_MAX_AGE_SECONDS),
      ...(asked === undefined ? {} : { 'access-control-allow-headers': asked }),
    },
  };
}

/** What the XML API adds to an answer: only where the bucket's configuration has a rule for origin and method. */
export function bucketCors(call: Call, rules: Rules | undefined): Record<string, string> {
  const rule = matching(rules, header(call, 'origin'), call.method);
  if (rule === undefined) return {};
  const exposed = rule.responseHeader ?? [];
  return {
    'access-control-allow-origin': allowedOrigin(rule, call),
    ...(exposed.length === 0 ? {} : { 'access-control-expose-headers': exposed.join(', ') }),
    vary: 'Origin',
  };
}

/** The answer to OPTIONS; without headers where no rule lets the page in, and the browser does not go on then. */
export function bucketPreflight(call: Call, rules: Rules | undefined): Answer {
  const method = header(call, 'access-control-request-method') ?? '';
  const rule = matching(rules, header(call, 'origin'), method);
  if (rule === undefined) return {};
  const allowed = rule.responseHeader ?? [];
  return {
    headers: {
      'access-control-allow-origin': allowedOrigin(rule, call),
      'access-control-allow-methods': (rule.method ?? []).join(', '),
      'access-control-max-age': String(rule.maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS),
      ...(allowed.length === 0 ? {} : { 'access-control-allow-headers': allowed.join(', ') }),
      vary: 'Origin',
    },
  };
}

function matching(rules: Rules | undefined, origin: string | undefined, method: string): Rules[number] | undefined {
  if (origin === undefined) return undefined;
  return rules?.find(
    (rule) =>
      (rule.origin ?? []).some((one) => one === '*' || one === origin) &&
      (rule.method ?? []).some((one) => one === '*' || one === method),
  );
}

const allowedOrigin = (rule: Rules[number], call: Call): string =>
  rule.origin?.includes('*') === true ? '*' : (header(call, 'origin') ?? '');

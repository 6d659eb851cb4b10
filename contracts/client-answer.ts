import * as z from 'zod';
import { type Operation, operationKey } from './kit/operation.ts';
import { type CommonProblem, problemDetails, STATUS_BY_PROBLEM } from './kit/problem.ts';

export interface Success<Output> {
  ok: true;
  output: Output;
  /** What to send as `ifMatch` with a change; undefined where the operation has no versions. */
  version: string | undefined;
  /** Leads to everything the request caused. */
  traceparent: string | undefined;
}

export interface Refusal<Problem extends string> {
  ok: false;
  /** Declared by the operation, or one that any operation may answer. */
  problem: Problem | CommonProblem;
  /** For people. */
  detail: string;
  status: number;
  /** For `invalid-request`: every field that does not fit, by its path. */
  errors: readonly { path: string; message: string }[];
  retryAfterSeconds: number | undefined;
  traceparent: string | undefined;
}

export type Answer<Output, Problem extends string> = Success<Output> | Refusal<Problem>;

/** No answer came: no such host, a closed connection, a time-out. Whether the request had its effect is not known. */
export class ConnectionFailed extends Error {
  override name = 'ConnectionFailed';

  constructor(operation: string, url: string, cause: unknown) {
    const reason =
      cause instanceof Error ? (cause.cause instanceof Error ? cause.cause : cause).message : String(cause);
    super(`${operation} got no answer from ${new URL(url).origin}: ${reason}`, { cause });
  }
}

/** The answer is not one of the contract's: the two sides have different versions, or something else answered. */
export class UnexpectedAnswer extends Error {
  override name = 'UnexpectedAnswer';
}

/** API Gateway's own refusals. */
const gatewayRefusal = z.object({ code: z.int(), message: z.string() });

/** Reads a response by its contract. Throws UnexpectedAnswer. */
export function readAnswer<Output extends z.ZodType, Problem extends string>(
  contract: Operation<z.ZodType, Output, Problem>,
  { response, text }: { response: Response; text: string },
): Answer<z.output<Output>, Problem> {
  const traceparent = response.headers.get('traceparent') ?? undefined;
  const body = parsed(contract, response, text);
  if (!response.ok) return { ...refusalOf(contract, response, body), traceparent };
  const output = contract.output.safeParse(body);
  if (!output.success) throw unexpected(contract, response, z.prettifyError(output.error));
  return { ok: true, output: output.data, version: versionOf(response), traceparent };
}

function parsed(contract: Operation, response: Response, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // What stands between the two sides may refuse in its own words; a success in other words is none.
    if (!response.ok) return { code: response.status, message: text || response.statusText };
    throw unexpected(contract, response, String(cause));
  }
}

function refusalOf<Problem extends string>(
  { problems }: Operation<z.ZodType, z.ZodType, Problem>,
  response: Response,
  body: unknown,
): Omit<Refusal<Problem>, 'traceparent'> {
  const { status } = response;
  const ours = problemDetails.safeParse(body);
  const told = ours.success ? ours.data : undefined;
  const declared = problems.find((code) => code === told?.code);
  const detail = told?.detail ?? gatewayRefusal.safeParse(body).data?.message ?? response.statusText;
  return {
    ok: false,
    problem: declared ?? (isCommon(told?.code) ? told.code : commonProblemOf(status)),
    detail,
    status,
    errors: told?.errors ?? [],
    retryAfterSeconds: retryAfterOf(response),
  };
}

function isCommon(code: string | undefined): code is CommonProblem {
  return code !== undefined && code in STATUS_BY_PROBLEM;
}

/** The nearest code to a status, where the answer names none that the caller knows. */
function commonProblemOf(status: number): CommonProblem {
  const codes = Object.keys(STATUS_BY_PROBLEM).filter(isCommon);
  return codes.find((code) => STATUS_BY_PROBLEM[code] === status) ?? (status < 500 ? 'invalid-request' : 'unavailable');
}

/** Retry-After in seconds, whether it came as such or as a date (RFC 9110, 10.2.3). */
function retryAfterOf(response: Response): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1_000));
}

function versionOf(response: Response): string | undefined {
  return response.headers.get('etag')?.replace(/^W\//, '').replaceAll('"', '');
}

function unexpected(contract: Operation, response: Response, reason: string): UnexpectedAnswer {
  return new UnexpectedAnswer(
    `${operationKey(contract)} answered ${response.status}, and not by its contract: ${reason}`,
  );
}

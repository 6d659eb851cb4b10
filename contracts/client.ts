import type * as z from 'zod';
import { type Answer, ConnectionFailed, readAnswer } from './client-answer.ts';
import { hasBody, type Operation, operationKey } from './kit/operation.ts';
import { requestOf } from './kit/request.ts';

/** How a caller says who it is; a function is asked before every request, so that it can renew the token. */
export type Auth = { accessToken: string | (() => Promise<string>) } | { apiKey: string } | undefined;

export interface CallOptions {
  /** Sent with POST and PUT; a random one by default. The same key again gets the same answer and has no second effect. */
  idempotencyKey?: string;
  /** The `version` of the answer that a change is based on. */
  ifMatch?: string;
  /** W3C trace context to go on with. */
  traceparent?: string;
  /** How long one attempt may take, in milliseconds. 30 s by default. */
  timeoutMs?: number;
  /** How often 429 and 503 are tried again, where repeating is safe. 2 by default. */
  retries?: number;
  /** Longest Retry-After that is waited for, in seconds; a longer one is answered at once. 10 by default. */
  maxRetryWaitSeconds?: number;
}

export interface Client {
  /**
   * Sends one request. Refusals are answers, with closed codes. Rejects with ConnectionFailed where there is no answer, and with
   * UnexpectedAnswer where it does not fit the contract.
   */
  call<Input extends z.ZodType, Output extends z.ZodType, Problem extends string>(
    contract: Operation<Input, Output, Problem>,
    input: z.input<Input>,
    options?: CallOptions,
  ): Promise<Answer<z.output<Output>, Problem>>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;
const DEFAULT_MAX_RETRY_WAIT_SECONDS = 10;
const USUAL_RETRY_AFTER_SECONDS = 1;

/** A client of the API at `baseUrl`, typed by the contracts themselves. */
export function createClient(baseUrl: string, auth: Auth = undefined): Client {
  const address = baseUrl.replace(/\/$/, '');
  return {
    async call(contract, input, options = {}) {
      // One key for all attempts: that is what makes repeating safe.
      const headers = headersOf(contract, options);
      const send = async () => {
        const request = requestOf(address, contract, input as Record<string, unknown>);
        const response = await ask(contract, request, { ...headers, ...(await credentials(auth)) }, options);
        return readAnswer(contract, response);
      };
      let answer = await send();
      for (let left = retriesOf(contract, options); left > 0; left--) {
        const seconds = secondsToWait(answer, options);
        if (seconds === undefined) break;
        await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
        answer = await send();
      }
      return answer;
    },
  };
}

function headersOf({ method }: Operation, options: CallOptions): Record<string, string> {
  const { idempotencyKey = crypto.randomUUID(), ifMatch, traceparent } = options;
  return {
    accept: 'application/json, application/problem+json',
    ...(hasBody(method) ? { 'content-type': 'application/json', 'idempotency-key': idempotencyKey } : {}),
    ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

async function credentials(auth: Auth): Promise<Record<string, string>> {
  if (auth === undefined) return {};
  if ('apiKey' in auth) return { 'x-api-key': auth.apiKey };
  const { accessToken } = auth;
  return { authorization: `Bearer ${typeof accessToken === 'string' ? accessToken : await accessToken()}` };
}

async function ask(
  contract: Operation,
  { url, body }: { url: string; body: string | null },
  headers: Record<string, string>,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions,
): Promise<{ response: Response; text: string }> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: contract.method, headers, body, signal });
    return { response, text: await response.text() };
  } catch (cause) {
    throw new ConnectionFailed(operationKey(contract), url, cause);
  }
}

/** A DELETE has no key to be known again by. */
function retriesOf({ method }: Operation, { retries = DEFAULT_RETRIES }: CallOptions): number {
  return method === 'GET' || hasBody(method) ? retries : 0;
}

/** Undefined: the answer stands. */
function secondsToWait(
  answer: Answer<unknown, string>,
  { maxRetryWaitSeconds = DEFAULT_MAX_RETRY_WAIT_SECONDS }: CallOptions,
): number | undefined {
  if (answer.ok || (answer.status !== 429 && answer.status !== 503)) return undefined;
  const seconds = answer.retryAfterSeconds ?? USUAL_RETRY_AFTER_SECONDS;
  return seconds <= maxRetryWaitSeconds ? seconds : undefined;
}

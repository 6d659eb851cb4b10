import { identityToken } from './identity-token.ts';
import type { Invocation } from './invocation.ts';
import { endSpan, SpanKind, startChild, traceparentOf } from './trace.ts';

const DEFAULT_DEADLINE_MS = 10_000;

export interface InvokeRequest {
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  /** A JSON text. */
  body?: string;
  deadlineMs?: number;
}

export type InvokeAnswer =
  | { answered: true; status: number; body: string }
  /** No answer came: refused, lost or too late. What the function did is not known. */
  | { answered: false; error: string };

/**
 * One HTTP request to a function by its name, under this function's own identity. Not for use cases, which call each other by
 * contract: for the operator, who asks after health and delivers again what failed. Throws an Error where there is no such function.
 */
export async function invokeFunction(
  invocation: Invocation,
  name: string,
  path: string,
  { method = 'GET', headers = {}, body, deadlineMs = DEFAULT_DEADLINE_MS }: InvokeRequest,
): Promise<InvokeAnswer> {
  const { config } = invocation.runtime;
  const address = config.addresses[name];
  if (address === undefined) throw new Error(`there is no function ${name}`);
  const span = startChild(invocation.span, `invoke ${name}`, SpanKind.CLIENT);
  try {
    const answer = await fetch(`${address}${path}`, {
      method,
      headers: {
        traceparent: traceparentOf(span),
        ...headers,
        authorization: `Bearer ${await identityToken(config, address)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body ?? null,
      signal: AbortSignal.timeout(deadlineMs),
    });
    const text = await answer.text();
    endSpan(span, answer.status >= 500 ? `status ${answer.status}` : undefined);
    return { answered: true, status: answer.status, body: text };
  } catch (error) {
    endSpan(span, error);
    const reason = error instanceof Error ? String(error.cause ?? error) : String(error);
    return { answered: false, error: `${name} did not answer: ${reason}` };
  }
}

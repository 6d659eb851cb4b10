import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleType,
  type IPolicy,
  retry,
  wrap,
} from 'cockatiel';
import { type Operation, type OperationOutput, type OperationProblem, operationKey } from '#contracts/kit/operation.ts';
import { type CommonProblem, problemDetails } from '#contracts/kit/problem.ts';
import { requestOf } from '#contracts/kit/request.ts';
import { CALLING_FUNCTION_HEADER, TENANT_HEADER } from './auth.ts';
import { identityToken } from './identity-token.ts';
import type { Invocation } from './invocation.ts';
import { endSpan, SpanKind, startChild, traceparentOf } from './trace.ts';

export type CallResult<O extends Operation> =
  | { ok: true; output: OperationOutput<O> }
  | { ok: false; problem: OperationProblem<O> | CommonProblem; detail: string; status: number };

export interface CallOptions {
  /** For the call as a whole, retries included. */
  deadlineMs?: number;
  /** Makes a repeated call the same call; derived from the cause where none is given. */
  idempotencyKey?: string;
}

const DEFAULT_DEADLINE_MS = 5_000;
const BREAKER = { halfOpenAfter: 5_000, failures: 5 };

/** The callee did not answer, or answered that it cannot now: worth another try. */
class CalleeUnavailable extends Error {
  override name = 'CalleeUnavailable';
}

const policies = new Map<string, IPolicy>();

/**
 * Calls an operation of another function: over HTTP, with an identity token, a deadline, the trace, three tries and a circuit breaker
 * for each callee. A callee that stays away is the answer `unavailable`, not an exception.
 */
export async function callFunction<O extends Operation>(
  invocation: Invocation,
  contract: O,
  input: unknown,
  options: CallOptions,
): Promise<CallResult<O>> {
  const key = operationKey(contract);
  const span = startChild(invocation.span, `call ${key}`, SpanKind.CLIENT);
  const headers = {
    [TENANT_HEADER]: invocation.tenant ?? '',
    [CALLING_FUNCTION_HEADER]: invocation.runtime.name,
    traceparent: traceparentOf(span),
    'idempotency-key': options.idempotencyKey ?? `${invocation.cause}:${key}`,
  };
  const signal = AbortSignal.timeout(options.deadlineMs ?? DEFAULT_DEADLINE_MS);
  try {
    const result = await policyFor(key).execute(
      ({ signal: attempt }) => attemptCall(invocation, contract, input, headers, attempt),
      signal,
    );
    endSpan(span);
    return result as CallResult<O>;
  } catch (error) {
    endSpan(span, error);
    if (error instanceof CalleeUnavailable || error instanceof BrokenCircuitError || signal.aborted) {
      return {
        ok: false,
        problem: 'unavailable',
        detail: `${key} did not answer: ${error instanceof Error ? error.message : String(error)}`,
        status: 503,
      };
    }
    throw error;
  }
}

/** Whether the circuit to any callee is open: part of the health answer. */
export function openCircuits(): string[] {
  return Array.from(breakers).flatMap(([key, breaker]) => (breaker.state === CircuitState.Open ? [key] : []));
}

const breakers = new Map<string, ReturnType<typeof circuitBreaker>>();

function policyFor(key: string): IPolicy {
  const known = policies.get(key);
  if (known !== undefined) return known;
  const unavailable = handleType(CalleeUnavailable);
  const breaker = circuitBreaker(unavailable, {
    halfOpenAfter: BREAKER.halfOpenAfter,
    breaker: new ConsecutiveBreaker(BREAKER.failures),
  });
  const policy = wrap(
    retry(unavailable, { maxAttempts: 3, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1_000 }) }),
    breaker,
  );
  breakers.set(key, breaker);
  policies.set(key, policy);
  return policy;
}

async function attemptCall(
  { runtime }: Invocation,
  contract: Operation,
  input: unknown,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown> {
  const address = addressOf(runtime, contract);
  const { url, body } = requestOf(address, contract, contract.input.parse(input) as Record<string, unknown>);
  const authorization = `Bearer ${await identityToken(runtime.config, address)}`;
  const answer = await fetch(url, {
    method: contract.method,
    headers: { ...headers, authorization, ...(body === null ? {} : { 'content-type': 'application/json' }) },
    body,
    signal,
  }).catch((error: unknown) => {
    throw new CalleeUnavailable(error instanceof Error ? String(error.cause ?? error.message) : String(error), {
      cause: error,
    });
  });
  if (answer.ok) return { ok: true, output: contract.output.parse(await answer.json()) };
  if ([429, 500, 502, 503, 504].includes(answer.status)) throw new CalleeUnavailable(`status ${answer.status}`);
  const refused = problemDetails.parse(await answer.json());
  return { ok: false, problem: refused.code, detail: refused.detail, status: answer.status };
}

function addressOf(runtime: Invocation['runtime'], contract: Operation): string {
  const name = runtime.calls[operationKey(contract)];
  const address = name === undefined ? undefined : runtime.config.addresses[name];
  if (address === undefined) throw new Error(`${runtime.name} has no address for ${operationKey(contract)}`);
  return address;
}

export type HealthStatus = 'ok' | 'degraded' | 'down';

export interface ContextHealth {
  context: string;
  status: HealthStatus;
  function: string;
  reasons: string[];
}

/** What a function says of itself: functions/core/health.ts. */
export interface FunctionHealth {
  status: HealthStatus;
  checks: Record<string, string>;
}

const WORST_FIRST: readonly HealthStatus[] = ['down', 'degraded', 'ok'];

/**
 * One function to ask for each context: all of a context share its schema, its account and its stores, and asking every one would
 * wake them all. Never the sweep, which serves one request at a time.
 */
export function spokesmen(functions: readonly string[]): Map<string, string> {
  const chosen = new Map<string, string>();
  for (const name of functions.toSorted()) {
    const [context = name, ...rest] = name.split('-');
    if (rest.join('-') !== 'sweep' && !chosen.has(context)) chosen.set(context, name);
  }
  return chosen;
}

/** A context's health from what its function answered, or from why it did not. */
export function contextHealth(
  context: string,
  functionName: string,
  answer: FunctionHealth | { unanswered: string },
): ContextHealth {
  if ('unanswered' in answer) return { context, status: 'down', function: functionName, reasons: [answer.unanswered] };
  const reasons = Object.entries(answer.checks).flatMap(([check, said]) =>
    said === 'ok' ? [] : [`${check}: ${said}`],
  );
  return { context, status: answer.status, function: functionName, reasons };
}

/** The worst of all. */
export function platformStatus(contexts: readonly ContextHealth[]): HealthStatus {
  return WORST_FIRST.find((status) => contexts.some((each) => each.status === status)) ?? 'ok';
}

import type { Config } from './config.ts';
import { type Drawn, idOf, idSource, randomSource } from './determinism.ts';
import type { HandlerContext } from './function.ts';
import { loggerFor } from './logger.ts';
import { readPolicy } from './policy.ts';
import { type Span, traceparentOf } from './trace.ts';

/** What a function is and runs on, from the build or the local host. */
export interface Runtime {
  name: string;
  context: string;
  /** The function behind each operation it may call, by `METHOD /path`. */
  calls: Record<string, string>;
  config: Config;
}

/** One run of a function for one cause. */
export interface Invocation extends HandlerContext<string | undefined> {
  runtime: Runtime;
  span: Span;
  traceparent: string;
  /** Whether its transactions may be shared with other invocations': not where somebody waits for an answer. */
  sharesTransactions: boolean;
  drawn: Drawn;
  /** The batch id of this run's n-th transaction. */
  nextBatch(): string;
}

export function invocation(
  runtime: Runtime,
  cause: string,
  now: Date,
  tenant: string | undefined,
  span: Span,
  { scope = runtime.name, sharesTransactions = false }: { scope?: string; sharesTransactions?: boolean } = {},
): Invocation {
  const traceparent = traceparentOf(span);
  const [, traceId = '', spanId = ''] = traceparent.split('-');
  const drawn: Drawn = { ids: 0, numbers: 0 };
  let batches = 0;
  return {
    runtime,
    span,
    traceparent,
    sharesTransactions,
    tenant,
    now,
    cause,
    newId: idSource(cause, scope, drawn),
    random: randomSource(cause, scope, drawn),
    drawn,
    log: loggerFor({ function: runtime.name, projectId: runtime.config.projectId, traceId, spanId, tenant, cause }),
    policy: readPolicy,
    config: runtime.config.variable,
    nextBatch: () => idOf(cause, scope, 'batch', String(batches++)),
  };
}

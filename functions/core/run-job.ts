import * as z from 'zod';
import { readConfig } from './config.ts';
import { closePools } from './database.ts';
import type { JobContext, JobDeclaration } from './function.ts';
import { invocation as invocationOf } from './invocation.ts';
import { JOB_VARIABLES } from './job.ts';
import { openContext } from './open-context.ts';
import { fieldErrors } from './problem.ts';
import type { Identity } from './serve.ts';
import { endSpan, flushTraces, SpanKind, startSpan, startTracing } from './trace.ts';

const variables = z.object({
  [JOB_VARIABLES.input]: z.string(),
  [JOB_VARIABLES.clientId]: z.string().min(1),
  [JOB_VARIABLES.tenant]: z.uuid().optional(),
  [JOB_VARIABLES.traceparent]: z.string().optional(),
});

/**
 * Runs one attempt of a job's execution, and resolves with the process's exit code: 0 when the handler is done, 1 when it threw and
 * another attempt may follow. Throws where the environment is not complete or the input does not fit the contract.
 */
export async function runJob(
  { contract, deployment, handle }: JobDeclaration,
  identity: Identity,
  environment: Record<string, string | undefined>,
): Promise<0 | 1> {
  const config = readConfig(environment);
  const given = variables.parse(environment);
  const input = inputOf(contract, given[JOB_VARIABLES.input]);
  await startTracing(config.traces);
  const cause = given[JOB_VARIABLES.clientId];
  const span = startSpan(identity.name, given[JOB_VARIABLES.traceparent], SpanKind.CONSUMER, { job: contract.name });
  const invocation = invocationOf({ ...identity, config }, cause, new Date(), given[JOB_VARIABLES.tenant], span);
  const stopping = stoppingSignal();
  try {
    const context = { ...openContext(deployment, invocation), stopping } as unknown as JobContext;
    await handle(input as never, context as never);
    endSpan(span);
    return 0;
  } catch (error) {
    endSpan(span, error);
    invocation.log.error({ error: error instanceof Error ? error.stack : String(error) }, 'job not done');
    return 1;
  } finally {
    await closePools();
    await flushTraces();
  }
}

function inputOf({ name, input }: JobDeclaration['contract'], text: string): unknown {
  const parsed = input.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error).map(({ path, message }) => `${path}: ${message}`);
  throw new TypeError(`the input does not fit ${name}: ${errors.join('; ')}`);
}

/** Cloud Run says with SIGTERM that it will end the process: https://cloud.google.com/run/docs/container-contract#job-lifecycle */
function stoppingSignal(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGTERM', () => controller.abort(new Error('the execution is stopped')));
  return controller.signal;
}

import * as z from 'zod';
import type { JobContract } from '#contracts/kit/job.ts';
import { accessToken } from './access-token.ts';
import { jobVariable } from './declared-variables.ts';
import type { EffectContext } from './effect.ts';

/** How an execution learns what it is for: variables over those of its job. */
export const JOB_VARIABLES = {
  input: 'JOB_INPUT',
  clientId: 'JOB_CLIENT_ID',
  tenant: 'JOB_TENANT',
  traceparent: 'JOB_TRACEPARENT',
} as const;

type Starter = Pick<EffectContext, 'clientId' | 'tenant' | 'traceparent' | 'config'>;

/** An execution of a job, as far as who started it is concerned. */
export interface JobExecution {
  /** `projects/…/locations/…/jobs/…/executions/…` */
  execution: string;
  state: 'running' | 'succeeded' | 'failed' | 'cancelled';
}

const ENDPOINT = 'https://run.googleapis.com';
const DEADLINE_MS = 10_000;
/** All variables of a container together may have 32 KiB; the job's own need some. */
const MAX_INPUT_BYTES = 16_384;
const PAGE_SIZE = 100;
/** Executions are listed newest first; one that was started for an effect is not looked for further back. */
const MOST_PAGES = 10;

const condition = z.object({
  type: z.string(),
  state: z.string(),
  executionReason: z.string().optional(),
});
const executionResource = z.object({
  name: z.string(),
  conditions: z.array(condition).default([]),
  template: z.object({
    containers: z.array(
      z.object({ env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]) }),
    ),
  }),
});
const started = z.object({ metadata: z.object({ name: z.string() }) });
const listed = z.object({ executions: z.array(executionResource).default([]), nextPageToken: z.string().optional() });

/**
 * Starts an execution of a job: the `act` of an effect whose deployment declares the job in `startsJobs`. Throws where nobody can say
 * whether it was started; `findExecution` is then the way to ask. Throws a RangeError for an input that is too large to be handed over.
 */
export async function startJob<Input extends z.ZodType>(
  { clientId, tenant, traceparent, config }: Starter,
  contract: JobContract<Input>,
  input: z.input<Input>,
): Promise<JobExecution> {
  const text = JSON.stringify(contract.input.parse(input));
  if (Buffer.byteLength(text) > MAX_INPUT_BYTES)
    throw new RangeError(`the input of ${contract.name} has more than ${MAX_INPUT_BYTES} bytes`);
  const variables: [string, string][] = [
    [JOB_VARIABLES.input, text],
    [JOB_VARIABLES.clientId, clientId],
    [JOB_VARIABLES.traceparent, traceparent],
  ];
  if (tenant !== undefined) variables.push([JOB_VARIABLES.tenant, tenant]);
  const env = variables.map(([name, value]) => ({ name, value }));
  const answer = await send(config, `${nameOf(config, contract)}:run`, {
    method: 'POST',
    body: JSON.stringify({ overrides: { containerOverrides: [{ env }] } }),
  });
  return { execution: started.parse(answer).metadata.name, state: 'running' };
}

/** The execution that an effect started, by its client id; undefined where there is none: the `ask` of that effect. */
export async function findExecution(
  { clientId, config }: Pick<Starter, 'clientId' | 'config'>,
  contract: JobContract,
): Promise<JobExecution | undefined> {
  let pageToken = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams({ pageSize: String(PAGE_SIZE), pageToken });
    const answer = listed.parse(await send(config, `${nameOf(config, contract)}/executions?${query}`));
    const found = answer.executions.find((execution) => clientOf(execution) === clientId);
    if (found !== undefined) return { execution: found.name, state: stateOf(found.conditions) };
    if (!answer.nextPageToken) return undefined;
    pageToken = answer.nextPageToken;
  }
  return undefined;
}

function clientOf({ template }: z.infer<typeof executionResource>): string | undefined {
  const variables = template.containers.flatMap(({ env }) => env);
  return variables.find(({ name }) => name === JOB_VARIABLES.clientId)?.value;
}

function stateOf(conditions: readonly z.infer<typeof condition>[]): JobExecution['state'] {
  const completed = conditions.find(({ type }) => type === 'Completed');
  if (completed?.state === 'CONDITION_SUCCEEDED') return 'succeeded';
  if (completed?.state !== 'CONDITION_FAILED') return 'running';
  return completed.executionReason === 'CANCELLED' ? 'cancelled' : 'failed';
}

function nameOf(config: Starter['config'], { name }: JobContract): string {
  return config(jobVariable(name));
}

/** https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs/run */
async function send(config: Starter['config'], path: string, request: RequestInit = {}): Promise<unknown> {
  const authorization = `Bearer ${await accessToken(config('SERVICE_ACCOUNT'))}`;
  const answer = await fetch(`${process.env.RUN_ENDPOINT ?? ENDPOINT}/v2/${path}`, {
    ...request,
    headers: { authorization, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (!answer.ok) throw new Error(`Cloud Run answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

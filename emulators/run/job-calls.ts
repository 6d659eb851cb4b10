import { status as Code } from '@grpc/grpc-js';
import { type PageRequest, page } from '../rpc/pages.ts';
import { failedPrecondition, invalidArgument, StatusError } from '../rpc/status-error.ts';
import type { Catalogue } from './catalogue.ts';
import { failed, succeeded } from './conditions.ts';
import { checkEtag } from './etag.ts';
import { checkedJob, imageOf } from './job-rules.ts';
import { makeExecution } from './launch.ts';
import { checkName } from './names.ts';
import type { RunOptions } from './options.ts';
import type { Overrides } from './overrides.ts';
import type { RunParts } from './parts.ts';
import { type Condition, type Execution, type Job, now } from './resources.ts';

interface JobRequest {
  name?: string;
  etag?: string;
  validateOnly?: boolean;
}

/** google.cloud.run.v2.Jobs, but for its policies. */
export function jobCalls(parts: RunParts) {
  const { catalogue } = parts;
  return {
    CreateJob: (request: { parent?: string; jobId?: string; job?: Partial<Job>; validateOnly?: boolean }) => {
      const name = checkName(`${checkName(request.parent, 'location')}/jobs/${request.jobId ?? ''}`, 'job');
      if (catalogue.find('job', name) !== undefined)
        throw new StatusError(Code.ALREADY_EXISTS, `Resource '${request.jobId}' already exists.`);
      return save(parts, name, request.job ?? {}, request.validateOnly);
    },
    GetJob: ({ name }: JobRequest) => shown(catalogue, catalogue.get('job', checkName(name, 'job'))),
    ListJobs: (request: { parent?: string } & PageRequest) => {
      const jobs = catalogue.under('job', checkName(request.parent, 'location'));
      const { items, nextPageToken } = page(jobs, ({ name }) => name, request);
      return { jobs: items.map((job) => shown(catalogue, job)), nextPageToken };
    },
    UpdateJob: (request: { job?: Partial<Job>; validateOnly?: boolean; allowMissing?: boolean }) => {
      const name = checkName(request.job?.name, 'job');
      if (catalogue.find('job', name) !== undefined || request.allowMissing !== true)
        checkEtag(request.job?.etag, catalogue.get('job', name));
      return save(parts, name, request.job ?? {}, request.validateOnly);
    },
    DeleteJob: ({ name, etag, validateOnly }: JobRequest) => {
      const job = catalogue.get('job', checkName(name, 'job'));
      checkEtag(etag, job);
      return remove(parts, job, validateOnly);
    },
    RunJob: (request: JobRequest & { overrides?: Overrides }) => {
      const job = catalogue.get('job', checkName(request.name, 'job'));
      checkEtag(request.etag, job);
      return run(parts, job, request);
    },
  };
}

/** Makes or replaces a job; where its image stands for nothing, the operation fails and the job is not ready. */
function save(parts: RunParts, name: string, given: Partial<Job>, validateOnly = false): object {
  const { catalogue, operations, options } = parts;
  const spec = checkedJob(given, options);
  const current = catalogue.find('job', name);
  const generation = (current?.generation ?? 0) + 1;
  const { startExecutionToken, runExecutionToken } = spec;
  const written = {
    name,
    generation,
    observedGeneration: generation,
    createTime: current?.createTime ?? now(),
    executionCount: current?.executionCount ?? 0,
    launchStage: given.launchStage ?? 'GA',
    terminalCondition: readiness(spec, options),
    template: spec.template,
    ...(spec.labels === undefined ? {} : { labels: spec.labels }),
    ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
    ...(startExecutionToken === undefined ? {} : { startExecutionToken }),
    ...(runExecutionToken === undefined ? {} : { runExecutionToken }),
    ...(current?.latestCreatedExecution === undefined
      ? {}
      : { latestCreatedExecution: current.latestCreatedExecution }),
  };
  if (validateOnly) return operations.done('job', name, { response: written });
  const job = catalogue.addJob(written, current?.uid);
  const { state, message = '' } = job.terminalCondition;
  if (state === 'CONDITION_FAILED') return operations.done('job', name, { error: { code: Code.NOT_FOUND, message } });
  startByToken(parts, job);
  return operations.done('job', name, { response: shown(catalogue, catalogue.get('job', name)) });
}

function readiness({ template }: Pick<Job, 'template'>, { images }: RunOptions): Condition {
  const [{ image = '', command = [] } = {}] = template.template?.containers ?? [];
  const isThere = command.length > 0 || imageOf(image, images) !== undefined;
  return isThere ? succeeded('Ready') : failed('Ready', `Image '${image}' not found.`, { reason: 'CONTAINER_MISSING' });
}

/** A token asks for an execution of that name along with the change. */
function startByToken({ catalogue, executor, options }: RunParts, job: Job): void {
  const suffix = job.startExecutionToken ?? job.runExecutionToken;
  if (!suffix || catalogue.find('execution', `${job.name}/executions/${job.name.split('/').at(-1)}-${suffix}`)) return;
  executor.start(makeExecution(catalogue, job, options.dataDir, { suffix }));
}

function run(
  { catalogue, operations, executor, options }: RunParts,
  job: Job,
  { overrides, validateOnly }: { overrides?: Overrides; validateOnly?: boolean },
): object {
  if (job.terminalCondition.state !== 'CONDITION_SUCCEEDED')
    throw failedPrecondition(`Job [${job.name}] is not ready: ${job.terminalCondition.message ?? ''}`);
  if (validateOnly === true) throw invalidArgument('validate_only is not supported for running a job.');
  const execution = makeExecution(catalogue, job, options.dataDir, { overrides });
  const operation = operations.start(execution.name, true);
  executor.start(execution);
  return operation;
}

/** Its executions go with it; what runs of them is ended. */
function remove({ catalogue, operations, executor }: RunParts, job: Job, validateOnly = false): object {
  const response = { ...shown(catalogue, job), deleteTime: now() };
  if (!validateOnly) {
    for (const { name } of catalogue.under('execution', job.name)) executor.discard(name);
    catalogue.removeJob(job.name);
  }
  return operations.done('job', job.name, { response });
}

const STATUS_OF: Record<Condition['state'], string> = {
  CONDITION_PENDING: 'EXECUTION_PENDING',
  CONDITION_RECONCILING: 'EXECUTION_RUNNING',
  CONDITION_FAILED: 'EXECUTION_FAILED',
  CONDITION_SUCCEEDED: 'EXECUTION_SUCCEEDED',
};

/** A job as clients see it: with how its latest execution is doing. */
function shown(catalogue: Catalogue, job: Job): Job {
  const latest = job.latestCreatedExecution;
  const execution = latest === undefined ? undefined : catalogue.find('execution', latest.name);
  if (latest === undefined || execution === undefined) return job;
  const { completionTime } = execution;
  const seen = { ...latest, completionStatus: completionStatus(execution), ...(completionTime && { completionTime }) };
  return { ...job, latestCreatedExecution: seen };
}

function completionStatus({ conditions }: Execution): string {
  const completed = conditions.find(({ type }) => type === 'Completed');
  if (completed?.executionReason === 'CANCELLED') return 'EXECUTION_CANCELLED';
  return STATUS_OF[completed?.state ?? 'CONDITION_PENDING'];
}

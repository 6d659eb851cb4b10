import { invalidArgument, unimplemented } from '../rpc/status-error.ts';
import type { RunOptions } from './options.ts';
import { type Container, type Job, milliseconds, type TaskTemplate } from './resources.ts';

// cloud.google.com/run/docs/create-jobs and cloud.google.com/run/quotas
const DEFAULT_MAX_RETRIES = 3;
const MAX_RETRIES = 10;
const DEFAULT_TIMEOUT_SECONDS = 600;
const MAX_TIMEOUT_MS = 168 * 3_600_000;
const MAX_TASKS = 10_000;
/** Cloud Run's own variables (cloud.google.com/run/docs/container-contract#jobs-env-vars). */
const RESERVED = /^CLOUD_RUN_(JOB|EXECUTION|TASK_INDEX|TASK_ATTEMPT|TASK_COUNT)$/;
const SYSTEM_NAMESPACE = /(^|\.)(run|cloud)\.googleapis\.com\/|(serving|autoscaling)\.knative\.dev\//;

type JobSpec = Pick<Job, 'template'> & Partial<Job>;

/** A job as a client gives it, with Cloud Run's defaults filled in. Throws INVALID_ARGUMENT or UNIMPLEMENTED. */
export function checkedJob(given: Partial<Job>, options: RunOptions): JobSpec {
  for (const key of Object.keys({ ...given.labels, ...given.annotations }))
    if (SYSTEM_NAMESPACE.test(key)) throw invalidArgument(`The label or annotation [${key}] is in a system namespace.`);
  const template = given.template ?? {};
  const taskCount = template.taskCount || 1;
  checkTaskCount(taskCount);
  const parallelism = template.parallelism ?? 0;
  if (parallelism < 0 || parallelism > taskCount)
    throw invalidArgument('parallelism must be between 0 and task_count.');
  return {
    ...given,
    template: { ...template, taskCount, template: checkedTemplate(template.template ?? {}, options) },
  };
}

function checkedTemplate(given: TaskTemplate, options: RunOptions): TaskTemplate {
  const { containers = [], volumes = [] } = given;
  if (containers.length === 0) throw invalidArgument('template.template.containers must have a container.');
  if (containers.length > 1) throw unimplemented('More than one container', 'Cloud Run');
  if (volumes.length > 0) throw unimplemented('A volume', 'Cloud Run');
  for (const container of containers) checkContainer(container, options);
  const maxRetries = given.maxRetries ?? DEFAULT_MAX_RETRIES;
  if (maxRetries < 0 || maxRetries > MAX_RETRIES)
    throw invalidArgument(`max_retries must be between 0 and ${MAX_RETRIES}.`);
  const timeout = given.timeout ?? { seconds: DEFAULT_TIMEOUT_SECONDS };
  checkTimeout(timeout);
  return { ...given, maxRetries, timeout };
}

/** Throws INVALID_ARGUMENT for more tasks than an execution may have, or fewer than one. */
export function checkTaskCount(count: number): void {
  if (count < 1 || count > MAX_TASKS) throw invalidArgument(`task_count must be between 1 and ${MAX_TASKS}.`);
}

/** Throws INVALID_ARGUMENT for a time limit that no task may have. */
export function checkTimeout(timeout: { seconds?: number; nanos?: number }): void {
  const ms = milliseconds(timeout);
  if (ms <= 0 || ms > MAX_TIMEOUT_MS) throw invalidArgument('timeout must be more than zero and at most 168 hours.');
}

function checkContainer({ image, env = [] }: Container, options: RunOptions): void {
  if (!image) throw invalidArgument('A container must have an image.');
  for (const { name = '', valueSource } of env) {
    if (name === '' || name.includes('=')) throw invalidArgument(`Invalid name of an environment variable: [${name}].`);
    if (RESERVED.test(name)) throw invalidArgument(`The environment variable [${name}] is reserved.`);
    if (valueSource !== undefined && options.secretManagerUrl === undefined)
      throw unimplemented('A secret as an environment variable, without the option secretManagerUrl,', 'Cloud Run');
  }
}

/** The local command that an image stands for, by its name with its tag or without; undefined where there is none. */
export function imageOf(image: string, images: RunOptions['images']): RunOptions['images'][string] | undefined {
  return images[image] ?? images[image.replace(/(:[^/:]+)?(@sha256:[0-9a-f]+)?$/, '')];
}

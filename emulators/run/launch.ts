import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { status as Code } from '@grpc/grpc-js';
import { StatusError } from '../rpc/status-error.ts';
import type { Catalogue } from './catalogue.ts';
import { freshConditions, reconciling } from './conditions.ts';
import { idOf } from './names.ts';
import { type Overrides, overridden } from './overrides.ts';
import { type Execution, type Job, now } from './resources.ts';

/** The letters and digits that Kubernetes makes suffixes of: no vowels, so no words. */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

function randomSuffix(): string {
  return Array.from({ length: 5 }, () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)]).join('');
}

/** Makes an execution of a job, and its tasks; `suffix` is its token where the client chose one. Starts nothing yet. */
export function makeExecution(
  catalogue: Catalogue,
  job: Job,
  dataDir: string,
  { overrides, suffix = randomSuffix() }: { overrides?: Overrides | undefined; suffix?: string | undefined } = {},
): Execution {
  const { template, taskCount } = overridden(job, overrides);
  const id = `${idOf(job.name)}-${suffix}`;
  const name = `${job.name}/executions/${id}`;
  if (catalogue.find('execution', name) !== undefined)
    throw new StatusError(Code.ALREADY_EXISTS, `Resource '${id}' already exists.`);
  const logUri = pathToFileURL(join(dataDir, 'logs', id)).href;
  const shared = { generation: 1, observedGeneration: 1, createTime: now(), reconciling: true, job: job.name, logUri };
  const labels = { ...job.labels, ...job.template.labels };
  const execution = catalogue.addExecution({
    ...shared,
    name,
    labels,
    annotations: { ...job.annotations, ...job.template.annotations },
    launchStage: job.launchStage ?? 'GA',
    parallelism: Math.min(job.template.parallelism ?? 0, taskCount),
    taskCount,
    template,
    conditions: freshConditions(),
    runningCount: 0,
    succeededCount: 0,
    failedCount: 0,
    cancelledCount: 0,
    retriedCount: 0,
  });
  const { maxRetries = 0, ...rest } = template;
  for (let index = 0; index < taskCount; index++)
    catalogue.addTask({
      ...rest,
      ...shared,
      name: `${name}/tasks/${id}-task${index}`,
      labels,
      execution: name,
      maxRetries,
      conditions: [reconciling('Completed')],
      index,
      retried: 0,
      attempting: false,
    });
  catalogue.changeJob(job.name, {
    executionCount: job.executionCount + 1,
    latestCreatedExecution: { name, createTime: execution.createTime },
  });
  return execution;
}

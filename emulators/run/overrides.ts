import { invalidArgument } from '../rpc/status-error.ts';
import { checkTaskCount, checkTimeout } from './job-rules.ts';
import type { Container, Job, TaskTemplate, Timestamp } from './resources.ts';

export interface Overrides {
  containerOverrides?: { name?: string; args?: string[]; env?: NonNullable<Container['env']>; clearArgs?: boolean }[];
  taskCount?: number;
  timeout?: Timestamp;
}

/** What one execution runs: the job's template with the overrides of RunJobRequest. */
export function overridden(job: Job, overrides: Overrides = {}): { template: TaskTemplate; taskCount: number } {
  const template = job.template.template ?? {};
  const taskCount = overrides.taskCount || (job.template.taskCount ?? 1);
  checkTaskCount(taskCount);
  if (overrides.timeout !== undefined) checkTimeout(overrides.timeout);
  const containers = (template.containers ?? []).map((container) =>
    (overrides.containerOverrides ?? [])
      .filter((one) => !one.name || one.name === container.name)
      .reduce(apply, container),
  );
  for (const { name } of overrides.containerOverrides ?? [])
    if (name && !containers.some((container) => container.name === name))
      throw invalidArgument(`The job has no container [${name}] to override.`);
  return { taskCount, template: { ...template, containers, timeout: overrides.timeout ?? template.timeout ?? {} } };
}

/** Arguments are replaced, variables merged by name. */
function apply(
  container: Container,
  { args = [], env = [], clearArgs }: NonNullable<Overrides['containerOverrides']>[number],
): Container {
  const kept = (container.env ?? []).filter(({ name }) => !env.some((one) => one.name === name));
  const nextArgs = clearArgs === true ? [] : args.length > 0 ? args : (container.args ?? []);
  return { ...container, args: nextArgs, env: [...kept, ...env] };
}

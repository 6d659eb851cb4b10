import { imageOf } from './job-rules.ts';
import { idOf } from './names.ts';
import type { RunOptions } from './options.ts';
import type { Container, Execution, Task } from './resources.ts';

interface TaskCommand {
  command: string[];
  cwd: string;
  env: Record<string, string>;
}

/**
 * What runs for a task, with its whole environment (cloud.google.com/run/docs/container-contract#jobs-env-vars).
 * Rejects where its image stands for nothing, or a secret is not to be had.
 */
export async function taskCommand(task: Task, execution: Execution, options: RunOptions): Promise<TaskCommand> {
  const [container = {}] = execution.template.containers ?? [];
  const { PATH = '', HOME = '' } = process.env;
  return {
    ...programOf(container, options),
    env: {
      PATH,
      HOME,
      ...options.environment,
      ...(await variablesOf(container, execution.name, options)),
      CLOUD_RUN_JOB: idOf(execution.job),
      CLOUD_RUN_EXECUTION: idOf(execution.name),
      CLOUD_RUN_TASK_INDEX: String(task.index),
      CLOUD_RUN_TASK_ATTEMPT: String(task.retried),
      CLOUD_RUN_TASK_COUNT: String(execution.taskCount),
    },
  };
}

/** As a container runtime has it: `command` replaces the image's entry point, and with it the image's arguments. */
function programOf(
  { image = '', command = [], args = [], workingDir }: Container,
  options: RunOptions,
): Pick<TaskCommand, 'command' | 'cwd'> {
  const known = imageOf(image, options.images);
  if (known === undefined && command.length === 0) throw new Error(`Image '${image}' not found.`);
  const program = command.length > 0 ? command : (known?.command ?? []);
  const given = args.length > 0 || command.length > 0 ? args : (known?.args ?? []);
  return { command: [...program, ...given], cwd: workingDir || (known?.cwd ?? process.cwd()) };
}

async function variablesOf(
  { env = [] }: Container,
  execution: string,
  { secretManagerUrl }: RunOptions,
): Promise<Record<string, string>> {
  const entries = env.map(async ({ name = '', value = '', valueSource }) => {
    const { secret = '', version = '' } = valueSource?.secretKeyRef ?? {};
    if (secret === '') return [name, value];
    const full = secret.includes('/') ? secret : `${execution.split('/').slice(0, 2).join('/')}/secrets/${secret}`;
    return [name, await secretText(`${secretManagerUrl}/v1/${full}/versions/${version || 'latest'}:access`)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function secretText(url: string): Promise<string> {
  const response = await fetch(url);
  const body = (await response.json()) as { payload?: { data?: string }; error?: { message?: string } };
  if (!response.ok) throw new Error(`A secret is not to be had: ${body.error?.message ?? response.status}`);
  return Buffer.from(body.payload?.data ?? '', 'base64').toString();
}

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionsClient, JobsClient, type protos, TasksClient } from '@google-cloud/run';
import { credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { startRun } from '../../../emulators/run/server.ts';

// Without this the client looks for Google's metadata server before its first call.
process.env.METADATA_SERVER_DETECTION = 'none';

export const LOCATION = 'projects/millrace-test/locations/europe-west3';

export type Execution = protos.google.cloud.run.v2.IExecution;

/** A folder that is gone when the test is over. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-run-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Local {
  port: number;
  folder: string;
  jobs: JobsClient;
  executions: ExecutionsClient;
  tasks: TasksClient;
  close(): Promise<void>;
}

type Options = Partial<Parameters<typeof startRun>[0]>;

/** A Cloud Run of the test's own, where the image `sh` stands for a shell that is told what to run, and its official clients. */
export async function local(t: ExecutionContext, options: Options = {}): Promise<Local> {
  const folder = options.dataDir ?? temporaryFolder(t);
  const images = { sh: { command: ['/bin/sh', '-c'], args: ['echo default'] } };
  const server = await startRun({ port: 0, graceMs: 200, images, ...options, dataDir: folder });
  const clientOptions = {
    servicePath: '127.0.0.1',
    port: server.port,
    sslCreds: credentials.createInsecure(),
    projectId: 'millrace-test',
  };
  const clients = {
    jobs: new JobsClient(clientOptions),
    executions: new ExecutionsClient(clientOptions),
    tasks: new TasksClient(clientOptions),
  };
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= Promise.all(Object.values(clients).map((client) => client.close())).then(() => server.close());
    return closed;
  };
  t.teardown(close);
  return { port: server.port, folder, ...clients, close };
}

interface JobShape {
  script?: string;
  tasks?: number;
  parallelism?: number;
  maxRetries?: number;
  seconds?: number;
  env?: object[];
  image?: string;
}

/** A job whose tasks run a script in a shell. */
export function jobOf({
  script,
  tasks = 1,
  parallelism = 0,
  maxRetries = 0,
  seconds = 30,
  env = [],
  image = 'sh',
}: JobShape) {
  const container = { image, env, ...(script === undefined ? {} : { args: [script] }) };
  return {
    template: {
      taskCount: tasks,
      parallelism,
      template: { containers: [container], maxRetries, timeout: { seconds } },
    },
  };
}

export async function createJob({ jobs }: Local, jobId: string, shape: JobShape): Promise<string> {
  const [operation] = await jobs.createJob({ parent: LOCATION, jobId, job: jobOf(shape) });
  const [job] = await operation.promise();
  return job.name ?? '';
}

/** Runs a job to its end, however that is. */
export async function runToEnd(cloud: Local, name: string, overrides: object = {}): Promise<Execution> {
  const [operation] = await cloud.jobs.runJob({ name, overrides });
  const execution = (operation.metadata as Execution).name ?? '';
  await operation.promise().catch(() => undefined);
  return (await cloud.executions.getExecution({ name: execution }))[0];
}

/** What an execution's tasks printed, by the name of the log without its folder. */
export function logsOf(cloud: Local, execution: Execution): Record<string, string> {
  const folder = join(cloud.folder, 'logs', execution.name?.split('/').at(-1) ?? '');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const id = `${execution.name?.split('/').at(-1)}-`;
  return Object.fromEntries(names.map((name) => [name.replace(id, ''), readFileSync(join(folder, name), 'utf8')]));
}

export function completed(execution: Execution) {
  return execution.conditions?.find(({ type }) => type === 'Completed');
}

/** Resolves once the condition holds; the test's own time limit is what ends a wait in vain. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

// gRPC's status codes.
export const INVALID_ARGUMENT = { code: 3 as never };
export const NOT_FOUND = { code: 5 as never };
export const ALREADY_EXISTS = { code: 6 as never };
export const FAILED_PRECONDITION = { code: 9 as never };
export const ABORTED = { code: 10 as never };
export const UNIMPLEMENTED = { code: 12 as never };

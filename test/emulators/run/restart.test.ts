import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { completed, createJob, type Execution, type Local, local, logsOf, temporaryFolder, until } from './support.ts';

/** Runs the job and waits until its tasks have written as many lines to the file `started`. */
async function runUntilStarted(cloud: Local, name: string, file: string, lines: number): Promise<Execution> {
  const [operation] = await cloud.jobs.runJob({ name });
  await until(() => existsSync(file) && readFileSync(file, 'utf8').split('\n').length > lines);
  return operation.metadata as Execution;
}

async function ended(cloud: Local, name: string): Promise<Execution> {
  let execution: Execution = {};
  await until(async () => {
    [execution] = await cloud.executions.getExecution({ name });
    return execution.completionTime != null;
  });
  return execution;
}

/** The script tells that it started, and ends only once it is allowed to. */
const script = (folder: string) =>
  `echo $CLOUD_RUN_TASK_ATTEMPT >> ${folder}/started; while [ ! -e ${folder}/go ]; do sleep 0.02; done`;

test('an attempt that a restart interrupted is tried again', async (t) => {
  const before = await local(t);
  const folder = temporaryFolder(t);
  const name = await createJob(before, 'long', { script: script(folder), maxRetries: 1 });
  const { name: running } = await runUntilStarted(before, name, join(folder, 'started'), 1);
  await before.close();
  appendFileSync(join(folder, 'go'), '');
  const after = await local(t, { dataDir: before.folder });
  const execution = await ended(after, running ?? '');
  t.like(execution, { succeededCount: 1, retriedCount: 1, runningCount: 0 });
  t.is(readFileSync(join(folder, 'started'), 'utf8'), '0\n1\n');
});

test('without retries, an interrupted attempt fails the execution and says so', async (t) => {
  const before = await local(t);
  const folder = temporaryFolder(t);
  const name = await createJob(before, 'long', { script: script(folder), tasks: 2, parallelism: 1 });
  const { name: running } = await runUntilStarted(before, name, join(folder, 'started'), 1);
  await before.close();
  appendFileSync(join(folder, 'go'), '');
  const after = await local(t, { dataDir: before.folder });
  const execution = await ended(after, running ?? '');
  t.is(completed(execution)?.state, 'CONDITION_FAILED');
  t.regex(completed(execution)?.message ?? '', /interrupted by a restart/);
  t.deepEqual([execution.failedCount, execution.succeededCount], [1, 1]);
});

/** Cloud Run in a process of its own, as the supervisor starts it. */
async function inOwnProcess(t: ExecutionContext, dataDir: string): Promise<{ child: ChildProcess; port: number }> {
  const images = { sh: { command: ['/bin/sh', '-c'] } };
  const child = fork('emulators/run/main.ts', [JSON.stringify({ port: 0, dataDir, images })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [ready] = (await once(child, 'message')) as [{ port: number }];
  return { child, port: ready.port };
}

test('a kill -9 of the service takes its tasks along, and nothing that was answered is lost', async (t) => {
  const dataDir = temporaryFolder(t);
  const folder = temporaryFolder(t);
  const { child, port } = await inOwnProcess(t, dataDir);
  const call = async (path: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/v2/projects/p/locations/l/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return (await response.json()) as { metadata: Execution };
  };
  const started = `echo $$ >> ${folder}/started; while [ ! -e ${folder}/go ]; do sleep 0.02; done`;
  const containers = [{ image: 'sh', args: [started] }];
  await call('jobs?jobId=long', { template: { template: { containers, maxRetries: 2 } } });
  const { metadata } = await call('jobs/long:run', {});
  await until(
    () => existsSync(join(folder, 'started')) && readFileSync(join(folder, 'started'), 'utf8').includes('\n'),
  );
  const pid = Number(readFileSync(join(folder, 'started'), 'utf8'));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await until(() => !existsSync(`/proc/${pid}/stat`) || /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  appendFileSync(join(folder, 'go'), '');
  const after = await local(t, { dataDir });
  const execution = await ended(after, metadata.name ?? '');
  t.like(execution, { succeededCount: 1, retriedCount: 1 });
  t.is(Object.keys(logsOf(after, execution)).length, 2);
});

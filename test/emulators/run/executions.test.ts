import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { startSecretManager } from '../../../emulators/secret-manager/server.ts';
import {
  completed,
  createJob,
  type Execution,
  FAILED_PRECONDITION,
  INVALID_ARGUMENT,
  local,
  logsOf,
  NOT_FOUND,
  runToEnd,
  temporaryFolder,
  until,
} from './support.ts';

test('a task runs with the environment of a job, and an execution of it completes', async (t) => {
  const cloud = await local(t, { environment: { PUBSUB_EMULATOR_HOST: 'here' } });
  const script =
    'echo $CLOUD_RUN_JOB $CLOUD_RUN_EXECUTION $CLOUD_RUN_TASK_INDEX $CLOUD_RUN_TASK_ATTEMPT $CLOUD_RUN_TASK_COUNT $COLOUR $PUBSUB_EMULATOR_HOST';
  const name = await createJob(cloud, 'report', { script, env: [{ name: 'COLOUR', value: 'red' }] });
  const [operation] = await cloud.jobs.runJob({ name });
  const [{ name: made }] = await operation.promise();
  const [execution] = await cloud.executions.getExecution({ name: made ?? '' });
  t.like(execution, { job: name, taskCount: 1, succeededCount: 1, failedCount: 0, runningCount: 0 });
  t.regex(execution.name ?? '', /\/executions\/report-[a-z0-9]{5}$/);
  t.is(completed(execution)?.state, 'CONDITION_SUCCEEDED');
  t.truthy(execution.startTime);
  t.truthy(execution.completionTime);
  const id = execution.name?.split('/').at(-1);
  t.deepEqual(logsOf(cloud, execution), { 'task0-0.log': `report ${id} 0 0 1 red here\n` });
  const [tasks] = await cloud.tasks.listTasks({ parent: execution.name ?? '' });
  t.is(tasks[0]?.name, `${execution.name}/tasks/${id}-task0`);
  t.like(tasks[0], { index: 0, retried: 0, execution: execution.name, job: name });
  t.is(tasks[0]?.lastAttemptResult?.exitCode, 0);
});

test('tasks run side by side up to the parallelism, each with its index', async (t) => {
  const cloud = await local(t);
  const folder = temporaryFolder(t);
  // Each task waits until as many as may run together are there, so that fewer would never end.
  const script = `touch ${folder}/$CLOUD_RUN_TASK_INDEX; while [ $(ls ${folder} | wc -l) -lt 3 ]; do sleep 0.02; done`;
  const execution = await runToEnd(cloud, await createJob(cloud, 'many', { script, tasks: 6, parallelism: 3 }));
  t.is(execution.succeededCount, 6);
  t.deepEqual(
    Object.keys(logsOf(cloud, execution)),
    [0, 1, 2, 3, 4, 5].map((index) => `task${index}-0.log`),
  );
});

test('no more tasks run at once than the parallelism allows', async (t) => {
  const cloud = await local(t);
  const folder = temporaryFolder(t);
  const script = `mkdir ${folder}/alone || exit 1; sleep 0.05; rmdir ${folder}/alone`;
  const execution = await runToEnd(cloud, await createJob(cloud, 'one', { script, tasks: 4, parallelism: 1 }));
  t.is(execution.succeededCount, 4);
});

test('a task that fails is tried again, up to its retries', async (t) => {
  const cloud = await local(t);
  const name = await createJob(cloud, 'flaky', { script: '[ $CLOUD_RUN_TASK_ATTEMPT = 2 ]', maxRetries: 3 });
  const execution = await runToEnd(cloud, name);
  t.like(execution, { succeededCount: 1, failedCount: 0, retriedCount: 1 });
  t.is(Object.keys(logsOf(cloud, execution)).length, 3);
  const [tasks] = await cloud.tasks.listTasks({ parent: execution.name ?? '' });
  t.is(tasks[0]?.retried, 2);
});

test('a task out of retries fails its execution, with its exit code, and the operation', async (t) => {
  const cloud = await local(t);
  const name = await createJob(cloud, 'broken', { script: 'exit 7', maxRetries: 1 });
  const [operation] = await cloud.jobs.runJob({ name });
  await t.throwsAsync(operation.promise(), { message: /task0 failed with exit code: 7/ });
  const execution = operation.metadata as Execution;
  const [read] = await cloud.executions.getExecution({ name: execution.name ?? '' });
  t.like(read, { failedCount: 1, succeededCount: 0, retriedCount: 1 });
  t.like(completed(read), { state: 'CONDITION_FAILED', executionReason: 'NON_ZERO_EXIT_CODE' });
  const [tasks] = await cloud.tasks.listTasks({ parent: execution.name ?? '' });
  t.is(tasks[0]?.lastAttemptResult?.exitCode, 7);
  t.is((await cloud.jobs.getJob({ name }))[0].latestCreatedExecution?.completionStatus, 'EXECUTION_FAILED');
});

test('an execution with a failed task is done when its other tasks are', async (t) => {
  const cloud = await local(t);
  const script = '[ $CLOUD_RUN_TASK_INDEX = 0 ] && exit 1; echo done';
  const execution = await runToEnd(cloud, await createJob(cloud, 'broken', { script, tasks: 3, parallelism: 1 }));
  t.like(execution, { failedCount: 1, succeededCount: 2, cancelledCount: 0 });
  t.is(completed(execution)?.state, 'CONDITION_FAILED');
});

test('a task is ended when its time is over, first politely', async (t) => {
  const cloud = await local(t);
  const polite = await createJob(cloud, 'polite', {
    script: 'trap "echo bye; exit 0" TERM; while :; do sleep 0.02; done',
    seconds: 1,
  });
  const stubborn = await createJob(cloud, 'stubborn', {
    script: 'trap "" TERM; while :; do sleep 0.02; done',
    seconds: 1,
  });
  const [first, second] = await Promise.all([runToEnd(cloud, polite), runToEnd(cloud, stubborn)]);
  for (const execution of [first, second]) {
    t.is(execution.failedCount, 1);
    t.regex(completed(execution)?.message ?? '', /timeout was reached/);
  }
  t.is(logsOf(cloud, first)['task0-0.log'], 'bye\n');
});

test('cancelling ends the tasks that run, and those that wait never start', async (t) => {
  const cloud = await local(t);
  const name = await createJob(cloud, 'long', { script: 'echo started; sleep 60', tasks: 3, parallelism: 2 });
  const [running] = await cloud.jobs.runJob({ name });
  const execution = running.metadata as Execution;
  await until(() => Object.values(logsOf(cloud, execution)).join('') === 'started\nstarted\n');
  const [cancelling] = await cloud.executions.cancelExecution({ name: execution.name ?? '' });
  await cancelling.promise();
  const [cancelled] = await cloud.executions.getExecution({ name: execution.name ?? '' });
  t.like(cancelled, { cancelledCount: 3, runningCount: 0 });
  t.is(completed(cancelled)?.executionReason, 'CANCELLED');
  await t.throwsAsync(running.promise(), { message: /cancelled/ });
  await t.throwsAsync(cloud.executions.cancelExecution({ name: execution.name ?? '' }), FAILED_PRECONDITION);
});

test('what a task started ends with it', async (t) => {
  const cloud = await local(t);
  const folder = temporaryFolder(t);
  const execution = await runToEnd(
    cloud,
    await createJob(cloud, 'parent', { script: `sleep 60 & echo $! > ${folder}/pid` }),
  );
  t.is(execution.succeededCount, 1);
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  await until(() => !isAlive(pid));
  t.pass();
});

function isAlive(pid: number): boolean {
  // A process that nobody has waited for yet still has an entry.
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

test('a run overrides arguments, variables, the number of tasks and the time limit', async (t) => {
  const cloud = await local(t);
  const env = [
    { name: 'A', value: '1' },
    { name: 'B', value: '1' },
  ];
  const name = await createJob(cloud, 'report', { script: 'echo $A $B', env });
  const execution = await runToEnd(cloud, name, {
    containerOverrides: [
      {
        args: ['echo $B $A $C'],
        env: [
          { name: 'B', value: '2' },
          { name: 'C', value: '3' },
        ],
      },
    ],
    taskCount: 2,
    timeout: { seconds: 9 },
  });
  t.deepEqual(logsOf(cloud, execution), { 'task0-0.log': '2 1 3\n', 'task1-0.log': '2 1 3\n' });
  t.is(Number(execution.template?.timeout?.seconds), 9);
  const wrong = { containerOverrides: [{ name: 'other' }] };
  await t.throwsAsync(cloud.jobs.runJob({ name, overrides: wrong }), INVALID_ARGUMENT);
});

test('executions are listed newest first, and deleted with their tasks', async (t) => {
  const cloud = await local(t);
  const name = await createJob(cloud, 'report', { script: 'true' });
  const first = await runToEnd(cloud, name);
  await new Promise((resolve) => setTimeout(resolve, 2));
  const second = await runToEnd(cloud, name);
  const [listed] = await cloud.executions.listExecutions({ parent: name });
  t.deepEqual(
    listed.map((execution) => execution.name),
    [second.name, first.name],
  );
  await cloud.executions.deleteExecution({ name: first.name ?? '' });
  await t.throwsAsync(cloud.executions.getExecution({ name: first.name ?? '' }), NOT_FOUND);
  await t.throwsAsync(cloud.tasks.listTasks({ parent: first.name ?? '' }), NOT_FOUND);
});

test('an environment variable takes its value from a secret', async (t) => {
  const secrets = await startSecretManager({ port: 0, dataDir: temporaryFolder(t) });
  t.teardown(() => secrets.close());
  const secretManagerUrl = `http://127.0.0.1:${secrets.port}`;
  const base = `${secretManagerUrl}/v1/projects/millrace-test/secrets`;
  const post = (url: string, body: object) => fetch(url, { method: 'POST', body: JSON.stringify(body) });
  await post(`${base}?secretId=key`, { replication: { automatic: {} } });
  await post(`${base}/key:addVersion`, { payload: { data: Buffer.from('s3cret').toString('base64') } });
  const cloud = await local(t, { secretManagerUrl });
  const env = [{ name: 'KEY', valueSource: { secretKeyRef: { secret: 'key', version: 'latest' } } }];
  const execution = await runToEnd(cloud, await createJob(cloud, 'report', { script: 'echo $KEY', env }));
  t.deepEqual(logsOf(cloud, execution), { 'task0-0.log': 's3cret\n' });
});

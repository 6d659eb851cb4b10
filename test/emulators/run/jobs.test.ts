import { JobsClient } from '@google-cloud/run';
import test from 'ava';
import { PassThroughClient } from 'google-auth-library';
import {
  ABORTED,
  ALREADY_EXISTS,
  createJob,
  FAILED_PRECONDITION,
  INVALID_ARGUMENT,
  jobOf,
  LOCATION,
  local,
  NOT_FOUND,
  runToEnd,
  UNIMPLEMENTED,
} from './support.ts';

test('a job is created with the documented defaults, read, listed and deleted', async (t) => {
  const cloud = await local(t);
  const [operation] = await cloud.jobs.createJob({
    parent: LOCATION,
    jobId: 'report',
    job: { template: { template: { containers: [{ image: 'sh' }] } }, labels: { team: 'risk' } },
  });
  await operation.promise();
  const [job] = await cloud.jobs.getJob({ name: `${LOCATION}/jobs/report` });
  t.like(job, { labels: { team: 'risk' }, launchStage: 'GA', executionCount: 0 });
  t.like(job.template, { taskCount: 1, parallelism: 0 });
  t.is(job.template?.template?.maxRetries, 3);
  t.is(Number(job.template?.template?.timeout?.seconds), 600);
  t.like(job.terminalCondition, { type: 'Ready', state: 'CONDITION_SUCCEEDED' });
  t.deepEqual(
    (await cloud.jobs.listJobs({ parent: LOCATION }))[0].map(({ name }) => name),
    [job.name],
  );
  const [deletion] = await cloud.jobs.deleteJob({ name: job.name ?? '' });
  t.truthy((await deletion.promise())[0].deleteTime);
  await t.throwsAsync(cloud.jobs.getJob({ name: job.name ?? '' }), NOT_FOUND);
});

test('an update replaces the job and counts its generation', async (t) => {
  const cloud = await local(t);
  const name = await createJob(cloud, 'report', {});
  const [before] = await cloud.jobs.getJob({ name });
  const [operation] = await cloud.jobs.updateJob({ job: { name, etag: before.etag ?? '', ...jobOf({ tasks: 3 }) } });
  const [after] = await operation.promise();
  t.deepEqual([after.template?.taskCount, Number(after.generation), after.uid], [3, 2, before.uid]);
  await t.throwsAsync(cloud.jobs.updateJob({ job: { name, etag: before.etag ?? '', ...jobOf({}) } }), ABORTED);
  const other = `${LOCATION}/jobs/other`;
  await t.throwsAsync(cloud.jobs.updateJob({ job: { name: other, ...jobOf({}) } }), NOT_FOUND);
  await t.notThrowsAsync(cloud.jobs.updateJob({ job: { name: other, ...jobOf({}) }, allowMissing: true }));
});

test('a name is taken once, and what breaks a documented limit is refused', async (t) => {
  const cloud = await local(t);
  await createJob(cloud, 'report', {});
  await t.throwsAsync(createJob(cloud, 'report', {}), ALREADY_EXISTS);
  for (const id of ['', 'Report', '1st', 'end-', 'x'.repeat(50)])
    await t.throwsAsync(createJob(cloud, id, {}), INVALID_ARGUMENT, id);
  for (const shape of [
    { tasks: 10_001 },
    { tasks: 2, parallelism: 3 },
    { maxRetries: 11 },
    { seconds: 168 * 3600 + 1 },
    { image: '' },
    { env: [{ name: 'CLOUD_RUN_JOB', value: 'x' }] },
  ])
    await t.throwsAsync(createJob(cloud, 'bad', shape), INVALID_ARGUMENT, JSON.stringify(shape));
});

test('what is not built is refused and named', async (t) => {
  const cloud = await local(t);
  const containers = [{ image: 'sh' }];
  for (const template of [
    { containers: [...containers, ...containers] },
    { containers, volumes: [{ name: 'v', emptyDir: {} }] },
    { containers: [{ image: 'sh', env: [{ name: 'A', valueSource: { secretKeyRef: { secret: 's' } } }] }] },
  ])
    await t.throwsAsync(
      cloud.jobs.createJob({ parent: LOCATION, jobId: 'bad', job: { template: { template } } }),
      UNIMPLEMENTED,
    );
});

test('an image that stands for nothing makes a job that is not ready', async (t) => {
  const cloud = await local(t);
  await t.throwsAsync(createJob(cloud, 'lost', { image: 'gcr.io/p/none:1' }), { message: /Image .* not found/ });
  const name = `${LOCATION}/jobs/lost`;
  const [job] = await cloud.jobs.getJob({ name });
  t.like(job.terminalCondition, { state: 'CONDITION_FAILED', reason: 'CONTAINER_MISSING' });
  await t.throwsAsync(cloud.jobs.runJob({ name }), FAILED_PRECONDITION);
});

test('a validated request changes nothing', async (t) => {
  const cloud = await local(t);
  const request = { parent: LOCATION, jobId: 'report', validateOnly: true };
  await t.notThrowsAsync(cloud.jobs.createJob({ ...request, job: jobOf({}) }));
  await t.throwsAsync(cloud.jobs.createJob({ ...request, job: jobOf({ maxRetries: 99 }) }), INVALID_ARGUMENT);
  await t.throwsAsync(cloud.jobs.getJob({ name: `${LOCATION}/jobs/report` }), NOT_FOUND);
});

test('a policy of a job is set and read', async (t) => {
  const cloud = await local(t);
  const resource = await createJob(cloud, 'report', {});
  const bindings = [{ role: 'roles/run.invoker', members: ['user:a@example.com'] }];
  await cloud.jobs.setIamPolicy({ resource, policy: { bindings } });
  t.like((await cloud.jobs.getIamPolicy({ resource }))[0].bindings?.[0], bindings[0] ?? {});
});

test('a job is made, run and waited for over REST', async (t) => {
  const cloud = await local(t);
  const call = async (method: string, path: string, body?: object) => {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`http://127.0.0.1:${cloud.port}/v2/${path}`, init);
    return (await response.json()) as { name: string; done?: boolean; response?: Record<string, unknown> };
  };
  const template = { template: { containers: [{ image: 'sh', args: ['true'] }], timeout: '20s' } };
  const created = await call('POST', `${LOCATION}/jobs?jobId=report`, { template });
  t.like(created.response, { '@type': 'type.googleapis.com/google.cloud.run.v2.Job', generation: '1' });
  const started = await call('POST', `${LOCATION}/jobs/report:run`, {});
  const ended = await call('POST', `${started.name}:wait`, { timeout: '20s' });
  t.true(ended.done);
  t.like(ended.response, { succeededCount: 1, '@type': 'type.googleapis.com/google.cloud.run.v2.Execution' });
  const client = new JobsClient({
    fallback: true,
    protocol: 'http',
    apiEndpoint: '127.0.0.1',
    port: cloud.port,
    projectId: 'millrace-test',
    authClient: new PassThroughClient(),
  });
  const [job] = await client.getJob({ name: `${LOCATION}/jobs/report` });
  t.is(job.latestCreatedExecution?.completionStatus, 'EXECUTION_SUCCEEDED');
  const [update] = await client.updateJob({ job: { name: job.name ?? '', ...jobOf({ tasks: 2, script: 'true' }) } });
  t.is((await update.promise())[0].template?.taskCount, 2);
  const [run] = await client.runJob({ name: job.name ?? '' });
  t.is((await run.promise())[0].succeededCount, 2);
});

test('jobs, executions and operations are there again after a restart', async (t) => {
  const before = await local(t);
  const name = await createJob(before, 'report', {});
  const execution = await runToEnd(before, name);
  const [operation] = await before.jobs.runJob({ name });
  await operation.promise();
  await before.close();
  const after = await local(t, { dataDir: before.folder });
  t.is((await after.jobs.getJob({ name }))[0].executionCount, 2);
  t.is((await after.executions.getExecution({ name: execution.name ?? '' }))[0].succeededCount, 1);
  t.true((await after.jobs.checkRunJobProgress(operation.name ?? '')).done);
});

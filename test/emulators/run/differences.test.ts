import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createJob, local, logsOf, runToEnd, temporaryFolder } from './support.ts';

test('unlike the real one, a task is a process of this machine, by the command that its image stands for', async (t) => {
  const cloud = await local(t);
  const file = join(temporaryFolder(t), 'here.txt');
  writeFileSync(file, 'of this machine');
  const execution = await runToEnd(cloud, await createJob(cloud, 'report', { script: `cat ${file}` }));
  t.deepEqual(logsOf(cloud, execution), { 'task0-0.log': 'of this machine' });
});

test('unlike the real one, limits of CPU and memory are kept and bound nothing', async (t) => {
  const cloud = await local(t);
  const limits = { cpu: '1', memory: '512Mi' };
  const container = { image: 'sh', args: ['nproc'], resources: { limits } };
  const job = { template: { template: { containers: [container], maxRetries: 0 } } };
  const parent = 'projects/millrace-test/locations/europe-west3';
  const [operation] = await cloud.jobs.createJob({ parent, jobId: 'report', job });
  const [{ name, template }] = await operation.promise();
  t.like(template?.template?.containers?.[0]?.resources, { limits });
  t.is((await runToEnd(cloud, name ?? '')).succeededCount, 1);
});

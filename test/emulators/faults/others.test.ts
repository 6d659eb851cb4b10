import test from 'ava';
import { createJob, local as localRun } from '../run/support.ts';
import { local as localSecrets, secretOf, textOf } from '../secret-manager/support.ts';
import { arm, struck } from './armed.ts';

test.serial('a secret whose reading fails is read again by the client', async (t) => {
  const manager = await localSecrets(t);
  const name = await secretOf(manager, 'key', ['one']);
  arm(t, { service: 'secret-manager', method: 'AccessSecretVersion', kind: 'error', code: 'UNAVAILABLE', count: 1 });
  t.is(await textOf(manager, `${name}/versions/1`), 'one');
  t.is(struck(), 1);
});

test.serial('a version whose addition is handled twice is there twice', async (t) => {
  const manager = await localSecrets(t);
  const name = await secretOf(manager, 'key');
  arm(t, { service: 'secret-manager', method: 'AddSecretVersion', kind: 'duplicate', count: 1 });
  await manager.client.addSecretVersion({ parent: name, payload: { data: Buffer.from('one') } });
  t.is((await manager.client.listSecretVersions({ parent: name }))[0].length, 2);
});

test.serial('a job whose start is handled twice has two executions', async (t) => {
  const run = await localRun(t);
  const name = await createJob(run, 'report', { script: 'true' });
  arm(t, { service: 'run', method: 'RunJob', kind: 'duplicate', count: 1 });
  const [operation] = await run.jobs.runJob({ name });
  await operation.promise();
  t.is((await run.executions.listExecutions({ parent: name }))[0].length, 2);
});

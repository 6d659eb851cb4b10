import test from 'ava';
import { localStorage, refusalOf } from './local-storage.ts';

const HOUR_MS = 3_600_000;

test('a retention policy keeps objects from being deleted and replaced until their time', async (t) => {
  const { bucket, server } = await localStorage(t);
  const inside = await bucket({ retentionPolicy: { retentionPeriod: '3600' } });
  const file = inside.file('kept');
  await file.save('x', { resumable: false });
  t.truthy(file.metadata.retentionExpirationTime);
  t.is((await refusalOf(file.delete())).code, 403);
  t.is((await refusalOf(file.save('y', { resumable: false }))).code, 403);
  server.moveClock(HOUR_MS + 1000);
  await file.delete();
  t.false((await file.exists())[0]);
});

test('a locked policy can be made longer, never shorter', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  await inside.setRetentionPeriod(100);
  const [{ metageneration }] = await inside.getMetadata();
  t.is((await refusalOf(inside.lock(1))).code, 412);
  await inside.lock(String(metageneration));
  t.is((await refusalOf(inside.setRetentionPeriod(50))).code, 403);
  t.is((await refusalOf(inside.removeRetentionPeriod())).code, 403);
  await inside.setRetentionPeriod(200);
  t.is(Number((await inside.getMetadata())[0].retentionPolicy?.retentionPeriod), 200);
});

test('a temporary hold keeps an object until it is taken off', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('held');
  await file.save('x', { resumable: false });
  await file.setMetadata({ temporaryHold: true });
  const refused = await refusalOf(file.delete());
  t.is(refused.code, 403);
  t.regex(refused.message, /Temporary hold/);
  await file.setMetadata({ temporaryHold: false });
  await file.delete();
  t.pass();
});

test('the retention period begins when an event-based hold is released', async (t) => {
  const { bucket, server } = await localStorage(t);
  const inside = await bucket({ retentionPolicy: { retentionPeriod: '3600' }, defaultEventBasedHold: true });
  const file = inside.file('waits');
  await file.save('x', { resumable: false });
  t.true(file.metadata.eventBasedHold);
  server.moveClock(2 * HOUR_MS);
  t.regex((await refusalOf(file.delete())).message, /Event-Based hold/);
  await file.setMetadata({ eventBasedHold: false });
  t.regex((await refusalOf(file.delete())).message, /retention policy/);
  server.moveClock(4 * HOUR_MS);
  await file.delete();
  t.pass();
});

test('an object has a retention of its own only in a bucket made for it', async (t) => {
  const { bucket, client } = await localStorage(t);
  const retention = { mode: 'Unlocked', retainUntilTime: new Date(Date.now() + HOUR_MS).toISOString() };
  const plain = (await bucket()).file('x');
  t.is((await refusalOf(plain.save('x', { resumable: false, metadata: { retention } }))).code, 400);
  const [made] = await client.createBucket(`retaining-${process.pid}`, { enableObjectRetention: true });
  const file = made.file('x');
  await file.save('x', { resumable: false, metadata: { retention } });
  t.is((await refusalOf(file.delete())).code, 403);
  t.is((await refusalOf(file.setMetadata({ retention: null }))).code, 403);
  await file.setMetadata({ retention: null }, { overrideUnlockedRetention: true });
  await file.delete();
  t.pass();
});

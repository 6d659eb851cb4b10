import test from 'ava';
import { localStorage, refusalOf } from './local-storage.ts';

const WEEK_MS = 7 * 86_400_000;

test('with versioning, what is replaced or deleted stays as a noncurrent generation', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket({ versioning: { enabled: true } });
  const file = inside.file('kept');
  await file.save('old', { resumable: false });
  const old = Number(file.metadata.generation);
  await file.save('new', { resumable: false });
  await file.delete();
  t.false((await inside.file('kept').exists())[0]);
  const [noncurrent] = await inside.file('kept', { generation: old }).getMetadata();
  t.truthy(noncurrent.timeDeleted);
  t.is(String((await inside.file('kept', { generation: old }).download())[0]), 'old');
});

test('a generation that is named is deleted for good', async (t) => {
  const { bucket } = await localStorage(t, { softDeleteSeconds: 0 });
  const inside = await bucket({ versioning: { enabled: true } });
  const file = inside.file('gone');
  await file.save('old', { resumable: false });
  const named = inside.file('gone', { generation: Number(file.metadata.generation) });
  await named.delete();
  t.is((await inside.getFiles({ versions: true }))[0].length, 0);
});

test('a soft-deleted object is listed on request, and restored as a new generation', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('back');
  await file.save('bytes', { resumable: false, metadata: { metadata: { lot: '7' } } });
  const generation = Number(file.metadata.generation);
  await file.delete();
  const [listed] = await inside.getFiles({ softDeleted: true });
  t.is(listed.length, 1);
  t.truthy(listed[0]?.metadata.hardDeleteTime);
  const restored = await file.restore({ generation });
  t.not(Number(restored.metadata.generation), generation);
  t.deepEqual((await inside.file('back').getMetadata())[0].metadata, { lot: '7' });
  t.is(String((await inside.file('back').download())[0]), 'bytes');
});

test('a soft-deleted object is gone for good when its time has come', async (t) => {
  const { bucket, server } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('expires');
  await file.save('bytes', { resumable: false });
  await file.delete();
  server.moveClock(WEEK_MS - 60_000);
  await server.methods.sweep();
  t.is((await inside.getFiles({ softDeleted: true }))[0].length, 1);
  server.moveClock(WEEK_MS + 1);
  await server.methods.sweep();
  t.is((await inside.getFiles({ softDeleted: true }))[0].length, 0);
});

test('a bucket is deleted only when it is empty, and can be restored', async (t) => {
  const { bucket, client } = await localStorage(t);
  const inside = await bucket();
  await inside.file('in the way').save('x', { resumable: false });
  t.is((await refusalOf(inside.delete())).code, 409);
  await inside.deleteFiles();
  const [{ generation }] = await inside.getMetadata();
  await inside.delete();
  t.false((await inside.exists())[0]);
  await client.bucket(inside.name).restore({ generation: String(generation) });
  t.true((await inside.exists())[0]);
});

test('a bucket that is there already is refused with 409', async (t) => {
  const { bucket, client } = await localStorage(t);
  t.is((await refusalOf(client.createBucket((await bucket()).name))).code, 409);
});

test('a patch changes what it names, and null takes away', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('patched');
  await file.save('x', { resumable: false, metadata: { cacheControl: 'no-cache', metadata: { a: '1', b: '2' } } });
  await file.setMetadata({ metadata: { a: null, c: '3' } });
  const [metadata] = await file.getMetadata();
  t.deepEqual(metadata.metadata, { b: '2', c: '3' });
  t.is(metadata.cacheControl, 'no-cache');
  await inside.setLabels({ team: 'grain', area: 'north' });
  await inside.deleteLabels('team');
  t.deepEqual((await inside.getLabels())[0], { area: 'north' });
});

test('custom time is set once and only moves on', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('timed');
  await file.save('x', { resumable: false });
  await file.setMetadata({ customTime: '2026-02-01T00:00:00Z' });
  t.is((await refusalOf(file.setMetadata({ customTime: '2026-01-01T00:00:00Z' }))).code, 400);
});

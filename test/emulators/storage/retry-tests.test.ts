import test, { type ExecutionContext } from 'ava';
import { localStorage, objectOf } from './local-storage.ts';

async function withTest(t: ExecutionContext, instructions: Record<string, string[]>) {
  const local = await localStorage(t, { testBench: true });
  const inside = await local.bucket();
  const created = await objectOf(
    await fetch(`${local.origin}/retry_test`, { method: 'POST', body: JSON.stringify({ instructions }) }),
  );
  const headers = { 'x-retry-test-id': String(created.id) };
  const isCompleted = async () =>
    (await objectOf(await fetch(`${local.origin}/retry_test/${headers['x-retry-test-id']}`))).completed;
  return { ...local, inside, headers, isCompleted };
}

test('instructions of a method go wrong in their order, then nothing does', async (t) => {
  const { origin, inside, headers, isCompleted } = await withTest(t, {
    'storage.buckets.get': ['return-503', 'return-reset-connection'],
  });
  const get = () => fetch(`${origin}/storage/v1/b/${inside.name}`, { headers });
  t.is((await get()).status, 503);
  t.false(await isCompleted());
  await t.throwsAsync(get());
  t.true(await isCompleted());
  t.is((await get()).status, 200);
});

test('an upload fails after as many bytes as the instruction says, and goes on from there', async (t) => {
  const { origin, inside, headers } = await withTest(t, { 'storage.objects.insert': ['return-503-after-256K'] });
  const started = await fetch(`${origin}/upload/storage/v1/b/${inside.name}/o?uploadType=resumable&name=x`, {
    method: 'POST',
    headers,
  });
  t.is(started.status, 200);
  const uri = started.headers.get('location') ?? '';
  const failed = await fetch(uri, { method: 'PUT', headers, body: Buffer.alloc(8 << 20) });
  t.is(failed.status, 503);
  const status = await fetch(uri, { method: 'PUT', headers: { ...headers, 'content-range': 'bytes */*' } });
  t.is(status.headers.get('range'), `bytes=0-${256 * 1024 - 1}`);
});

test('a download breaks off where the instruction says', async (t) => {
  const { origin, inside, headers } = await withTest(t, { 'storage.objects.get': ['return-broken-stream-after-1K'] });
  await inside.file('x').save(Buffer.alloc(5_000), { resumable: false });
  const answer = await fetch(`${origin}/storage/v1/b/${inside.name}/o/x?alt=media`, { headers });
  t.is(answer.status, 200);
  await t.throwsAsync(answer.arrayBuffer());
});

test('instructions and tests that there are not are refused', async (t) => {
  const { origin } = await withTest(t, {});
  const body = JSON.stringify({ instructions: { 'storage.buckets.get': ['explode'] } });
  t.is((await fetch(`${origin}/retry_test`, { method: 'POST', body })).status, 400);
  t.is((await fetch(`${origin}/storage/v1/b`, { headers: { 'x-retry-test-id': 'none' } })).status, 404);
});

test('without the option there is no /retry_test', async (t) => {
  const { origin } = await localStorage(t);
  t.is((await fetch(`${origin}/retry_test`, { method: 'POST', body: '{}' })).status, 404);
});

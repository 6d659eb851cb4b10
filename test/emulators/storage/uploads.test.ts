import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import test from 'ava';
import { localStorage, objectOf, refusalOf } from './local-storage.ts';

const KIB_256 = 256 * 1024;

/** Begins a resumable upload; returns the address its bytes go to. */
async function begin(origin: string, bucket: string, name: string, query = ''): Promise<string> {
  const answer = await fetch(`${origin}/upload/storage/v1/b/${bucket}/o?uploadType=resumable&name=${name}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  return answer.headers.get('location') ?? '';
}

const put = (uri: string, range: string, body?: Uint8Array<ArrayBuffer>) =>
  fetch(uri, { method: 'PUT', headers: { 'content-range': range }, ...(body === undefined ? {} : { body }) });

test('a simple upload makes an object of the body and the query', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const { name } = await bucket();
  const answer = await fetch(`${origin}/upload/storage/v1/b/${name}/o?uploadType=media&name=a%2Fb.txt`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'grain',
  });
  const object = await objectOf(answer);
  t.like(object, {
    name: 'a/b.txt',
    contentType: 'text/plain',
    size: '5',
    metageneration: '1',
    kind: 'storage#object',
  });
  t.is(object.md5Hash, createHash('md5').update('grain').digest('base64'));
});

test('a multipart upload takes metadata and bytes from one body', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('both');
  const bytes = randomBytes(300_000);
  const metadata = { contentType: 'x/y', cacheControl: 'no-cache', metadata: { lot: '7' } };
  await file.save(bytes, { resumable: false, metadata });
  t.like((await file.getMetadata())[0], metadata);
  t.true((await file.download())[0].equals(bytes));
});

test('bytes that hold the boundary of another part come through unchanged', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  const content = '\r\n--other\r\n--xx\r\n-\r\n--x';
  const answer = await fetch(`${origin}/upload/storage/v1/b/${inside.name}/o?uploadType=multipart`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/related; boundary="xxx"' },
    body: `--xxx\r\ncontent-type: application/json\r\n\r\n{"name":"n"}\r\n--xxx\r\n\r\n${content}\r\n--xxx--`,
  });
  t.is(answer.status, 200);
  t.is(String((await inside.file('n').download())[0]), content);
});

test('a wrong CRC32C or MD5 is refused, and no object comes to be', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('damaged');
  for (const metadata of [{ crc32c: 'AAAAAA==' }, { md5Hash: 'AAAAAAAAAAAAAAAAAAAAAA==' }]) {
    const refused = await refusalOf(file.save('bytes', { resumable: false, metadata, validation: false }));
    t.is(refused.code, 400);
    t.regex(refused.message, /doesn't match calculated/);
  }
  t.false((await file.exists())[0]);
});

test('a wrong x-goog-hash on the last chunk fails the upload', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const { name } = await bucket();
  const uri = await begin(origin, name, 'hashed');
  const answer = await fetch(uri, { method: 'PUT', headers: { 'x-goog-hash': 'crc32c=AAAAAA==' }, body: 'bytes' });
  t.is(answer.status, 400);
});

test('a resumable upload in chunks is answered with 308 and the range so far, then with the object', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  const bytes = randomBytes(2 * KIB_256 + 17);
  const uri = await begin(origin, inside.name, 'chunked');
  const first = await put(uri, `bytes 0-${KIB_256 - 1}/*`, bytes.subarray(0, KIB_256));
  t.is(first.status, 308);
  t.is(first.headers.get('range'), `bytes=0-${KIB_256 - 1}`);
  const last = await put(uri, `bytes ${KIB_256}-${bytes.length - 1}/${bytes.length}`, bytes.subarray(KIB_256));
  t.is(last.status, 200);
  t.is((await objectOf(last)).size, String(bytes.length));
  t.true((await inside.file('chunked').download())[0].equals(bytes));
});

for (const how of ['is cut', 'hangs'] as const) {
  test(`an upload whose connection ${how} goes on from the byte that arrived`, async (t) => {
    const { bucket, origin, dataDir } = await localStorage(t);
    const inside = await bucket();
    const bytes = randomBytes(4 * KIB_256);
    const uri = await begin(origin, inside.name, 'broken');
    const sending = sendHead(uri, bytes, 2 * KIB_256);
    t.teardown(() => sending.destroy());
    while (arrived(dataDir) < KIB_256) await new Promise((resolve) => setTimeout(resolve, 5));
    if (how === 'is cut') sending.destroy();
    const status = await put(uri, `bytes */${bytes.length}`);
    t.is(status.status, 308);
    const stored = Number(status.headers.get('range')?.split('-')[1]) + 1;
    t.true(stored >= KIB_256);
    const rest = await put(uri, `bytes ${stored}-${bytes.length - 1}/${bytes.length}`, bytes.subarray(stored));
    t.is(rest.status, 200);
    t.true((await inside.file('broken').download())[0].equals(bytes));
  });
}

/** Sends the beginning of a body that its length says is longer. */
function sendHead(uri: string, bytes: Buffer, count: number): ClientRequest {
  const headers = { 'content-length': bytes.length, 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}` };
  const sending = request(uri, { method: 'PUT', headers });
  sending.on('error', () => undefined);
  sending.write(bytes.subarray(0, count));
  return sending;
}

/** How many bytes of the one upload are on disk. */
function arrived(dataDir: string): number {
  const folder = join(dataDir, 'content');
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

test('bytes that are sent again are not stored twice', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  const bytes = randomBytes(2 * KIB_256);
  const uri = await begin(origin, inside.name, 'twice');
  await put(uri, `bytes 0-${KIB_256 - 1}/*`, bytes.subarray(0, KIB_256));
  const again = await put(uri, `bytes 0-${bytes.length - 1}/${bytes.length}`, bytes);
  t.is(again.status, 200);
  t.true((await inside.file('twice').download())[0].equals(bytes));
});

test('a chunk that leaves a gap is refused', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const uri = await begin(origin, (await bucket()).name, 'gap');
  const answer = await put(uri, `bytes ${KIB_256}-${2 * KIB_256 - 1}/*`, randomBytes(KIB_256));
  t.is(answer.status, 400);
});

test('asked about a finished upload, the server answers with the object again', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const uri = await begin(origin, (await bucket()).name, 'done');
  const first = await objectOf(await put(uri, 'bytes 0-4/5', Buffer.from('bytes')));
  const again = await put(uri, 'bytes */5');
  t.is(again.status, 200);
  t.is((await objectOf(again)).generation, first.generation);
});

test('an empty object is finished by its size alone', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const uri = await begin(origin, (await bucket()).name, 'empty');
  const answer = await put(uri, 'bytes */0');
  t.is(answer.status, 200);
  t.like(await objectOf(answer), { size: '0', crc32c: 'AAAAAA==' });
});

test('a cancelled upload answers 499, and is not there any more', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const uri = await begin(origin, (await bucket()).name, 'cancelled');
  t.is((await fetch(uri, { method: 'DELETE' })).status, 499);
  t.is((await put(uri, 'bytes */*')).status, 404);
});

test('the official client uploads in chunks and resumes', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('client');
  const bytes = randomBytes(3 * KIB_256 + 5);
  await file.save(bytes, { resumable: true, chunkSize: KIB_256 });
  t.true((await file.download())[0].equals(bytes));
});

test('metadata of more than the service takes is refused', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('much');
  const refused = await refusalOf(
    file.save('x', { resumable: false, metadata: { metadata: { much: 'x'.repeat(9_000) } } }),
  );
  t.is(refused.code, 400);
});

test('names that the service does not take are refused', async (t) => {
  const { bucket, client } = await localStorage(t);
  const inside = await bucket();
  for (const name of ['.', '..', 'a\nb', 'x'.repeat(1025)])
    t.is((await refusalOf(inside.file(name).save('x', { resumable: false }))).code, 400, name);
  for (const name of ['ab', 'Upper', 'goog-x', '-dash', '192.168.5.4', 'x'.repeat(64)])
    t.is((await refusalOf(client.createBucket(name))).code, 400, name);
});

test('of two requests that bring the last bytes of an upload, both are answered with the one object', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  const bytes = randomBytes(2 * KIB_256);
  const uri = await begin(origin, inside.name, 'raced');
  const range = `bytes 0-${bytes.length - 1}/${bytes.length}`;
  const outcomes = await Promise.allSettled([put(uri, range, bytes), put(uri, range, bytes)]);
  // The first may be cut off by the second, which then finishes alone.
  t.true(outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value.status === 200));
  t.true((await inside.file('raced').download())[0].equals(bytes));
});

test('an upload into a bucket that is deleted meanwhile is refused, and leaves nothing', async (t) => {
  const { bucket, origin, dataDir } = await localStorage(t, { softDeleteSeconds: 0 });
  const inside = await bucket();
  const headers = { 'content-length': 600_000 };
  const sending = request(`${origin}/upload/storage/v1/b/${inside.name}/o?uploadType=media&name=x`, {
    method: 'POST',
    headers,
  });
  sending.write(Buffer.alloc(300_000));
  while (arrived(dataDir) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await inside.delete();
  sending.end(Buffer.alloc(300_000));
  const status = await new Promise((resolve, reject) => {
    sending.on('error', reject).on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
  });
  t.is(status, 404);
  t.is(arrived(dataDir), 0);
});

import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { localStorage, objectOf, refusalOf } from './local-storage.ts';

async function stored(t: Parameters<typeof localStorage>[0], content: Buffer, metadata = {}) {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('content');
  await file.save(content, { resumable: false, metadata });
  return { file, url: `${origin}/storage/v1/b/${inside.name}/o/content?alt=media` };
}

test('a range is answered with 206 and says what it is', async (t) => {
  const bytes = randomBytes(1000);
  const { url } = await stored(t, bytes);
  const cases = [
    ['bytes=0-9', 'bytes 0-9/1000', bytes.subarray(0, 10)],
    ['bytes=990-', 'bytes 990-999/1000', bytes.subarray(990)],
    ['bytes=990-5000', 'bytes 990-999/1000', bytes.subarray(990)],
    ['bytes=-10', 'bytes 990-999/1000', bytes.subarray(990)],
    ['bytes=-5000', 'bytes 0-999/1000', bytes],
  ] as const;
  for (const [range, said, wanted] of cases) {
    const answer = await fetch(url, { headers: { range } });
    t.is(answer.status, 206, range);
    t.is(answer.headers.get('content-range'), said);
    t.deepEqual(Buffer.from(await answer.arrayBuffer()), wanted);
  }
});

test('a range behind the end is answered with 416', async (t) => {
  const { url } = await stored(t, Buffer.from('short'));
  const answer = await fetch(url, { headers: { range: 'bytes=5-' } });
  t.is(answer.status, 416);
  t.like(await objectOf(answer), { error: { code: 416, errors: [{ reason: 'requestedRangeNotSatisfiable' }] } });
});

test('a range that is not well-formed, or several, count as none', async (t) => {
  const { url } = await stored(t, Buffer.from('short'));
  for (const range of ['bytes=3-1', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=-'])
    t.is((await fetch(url, { headers: { range } })).status, 200, range);
});

test('gzip-encoded objects are decompressed for who does not take gzip', async (t) => {
  const { url } = await stored(t, gzipSync('plain text'), { contentEncoding: 'gzip', contentType: 'text/plain' });
  const plain = await fetch(url, { headers: { 'accept-encoding': 'identity', range: 'bytes=0-1' } });
  t.is(plain.headers.get('content-encoding'), null);
  t.is(plain.headers.get('x-goog-stored-content-encoding'), 'gzip');
  t.is(await plain.text(), 'plain text');
  const packed = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
  t.is(packed.headers.get('content-encoding'), 'gzip');
  t.is(await packed.text(), 'plain text');
});

test('no-transform keeps gzip-encoded objects as they are', async (t) => {
  const { url } = await stored(t, gzipSync('plain'), { contentEncoding: 'gzip', cacheControl: 'no-transform' });
  const answer = await fetch(url, { headers: { 'accept-encoding': 'identity' } });
  t.is(answer.headers.get('content-encoding'), 'gzip');
});

test('the headers tell the checksums, the generation and the class', async (t) => {
  const { file, url } = await stored(t, Buffer.from('told'), { metadata: { lot: '7' } });
  const { headers } = await fetch(url);
  const { crc32c, md5Hash, generation } = file.metadata;
  t.is(headers.get('x-goog-hash'), `crc32c=${crc32c},md5=${md5Hash}`);
  t.is(headers.get('x-goog-generation'), String(generation));
  t.is(headers.get('x-goog-storage-class'), 'STANDARD');
  t.is(headers.get('x-goog-meta-lot'), '7');
});

test('an object that is not there is answered with 404 and its name', async (t) => {
  const { bucket, client } = await localStorage(t);
  const inside = await bucket();
  const refused = await refusalOf(inside.file('no/where').getMetadata());
  t.deepEqual([refused.code, refused.reason], [404, 'notFound']);
  t.regex(refused.message, /No such object: .*\/no\/where/);
  t.is((await refusalOf(client.bucket('no-such-bucket').getMetadata())).code, 404);
});

test('fields picks the parts of an answer', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  await inside.file('a').save('x', { resumable: false, metadata: { metadata: { k: 'v', w: 'z' } } });
  const url = `${origin}/storage/v1/b/${inside.name}/o`;
  const ask = async (fields: string) => (await fetch(`${url}?fields=${encodeURIComponent(fields)}`)).json();
  t.deepEqual(await ask('items(name,size)'), { items: [{ name: 'a', size: '1' }] });
  t.deepEqual(await ask('items/metadata/k,kind'), { kind: 'storage#objects', items: [{ metadata: { k: 'v' } }] });
  t.is((await fetch(`${url}?fields=items(`)).status, 400);
});

test('metadata that no header can hold keeps nobody from the bytes', async (t) => {
  const metadata = {
    contentType: 'text/plain; ü\u0001',
    metadata: { 'two words': 'x', größe: 'y', plain: 'ok\u0002' },
  };
  const { file, url } = await stored(t, Buffer.from('bytes'), metadata);
  t.like((await file.getMetadata())[0], metadata);
  const answer = await fetch(url);
  t.is(answer.headers.get('x-goog-meta-plain'), 'ok ');
  t.is(await answer.text(), 'bytes');
});

import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { localStorage } from './local-storage.ts';

const TOKEN = { authorization: 'Bearer of-a-developer' };
const MIB_5 = 5 << 20;

async function withBucket(t: ExecutionContext) {
  const local = await localStorage(t);
  const inside = await local.bucket();
  const url = `${local.origin}/${inside.name}`;
  const call = (method: string, path: string, body?: string | Uint8Array<ArrayBuffer>, headers = {}) =>
    fetch(`${url}${path}`, { method, headers: { ...TOKEN, ...headers }, ...(body === undefined ? {} : { body }) });
  return { ...local, inside, call };
}

const tagOf = (name: string, document: string): string =>
  new RegExp(`<${name}>(.*?)</${name}>`).exec(document)?.[1] ?? '';

test('an object is put, read, described and deleted', async (t) => {
  const { call, inside } = await withBucket(t);
  const headers = { 'content-type': 'text/plain', 'x-goog-meta-lot': '7', 'content-md5': md5('grain') };
  const put = await call('PUT', '/a', 'grain', headers);
  t.is(put.status, 200);
  t.is(put.headers.get('etag'), `"${createHash('md5').update('grain').digest('hex')}"`);
  t.like((await inside.file('a').getMetadata())[0], { contentType: 'text/plain', metadata: { lot: '7' } });
  const head = await call('HEAD', '/a');
  t.is(head.headers.get('content-length'), '5');
  t.is(await (await call('GET', '/a', undefined, { range: 'bytes=1-2' })).text(), 'ra');
  t.is((await call('DELETE', '/a')).status, 204);
  const gone = await call('GET', '/a');
  t.is(gone.status, 404);
  t.regex(await gone.text(), /<Code>NoSuchKey<\/Code>/);
});

const md5 = (text: string): string => createHash('md5').update(text).digest('base64');

test('a wrong Content-MD5 and a generation that is not there are refused', async (t) => {
  const { call } = await withBucket(t);
  t.is((await call('PUT', '/a', 'x', { 'content-md5': md5('y') })).status, 400);
  t.is((await call('PUT', '/a', 'x', { 'x-goog-if-generation-match': '1' })).status, 412);
  t.is((await call('PUT', '/a', 'x', { 'x-goog-if-generation-match': '0' })).status, 200);
});

test('If-None-Match and If-Match compare with the tag', async (t) => {
  const { call } = await withBucket(t);
  const etag = (await call('PUT', '/a', 'x')).headers.get('etag') ?? '';
  t.is((await call('GET', '/a', undefined, { 'if-none-match': etag })).status, 304);
  t.is((await call('GET', '/a', undefined, { 'if-match': '"other"' })).status, 412);
});

test('a copy is made with x-goog-copy-source', async (t) => {
  const { call, inside } = await withBucket(t);
  await call('PUT', '/a', 'x');
  const copy = await call('PUT', '/b', undefined, { 'x-goog-copy-source': `/${inside.name}/a` });
  t.regex(await copy.text(), /<CopyObjectResult>/);
  t.is(await (await call('GET', '/b')).text(), 'x');
});

test('an object comes in parts, whose order and tags are checked', async (t) => {
  const { call, inside } = await withBucket(t);
  const id = tagOf(
    'UploadId',
    await (await call('POST', '/parts?uploads', undefined, { 'content-type': 'a/b' })).text(),
  );
  const parts = [randomBytes(MIB_5), randomBytes(100)];
  const tags: string[] = [];
  for (const [index, part] of parts.entries())
    tags.push((await call('PUT', `/parts?partNumber=${index + 1}&uploadId=${id}`, part)).headers.get('etag') ?? '');
  const listed = (numbers: readonly number[]) =>
    numbers.map((number) => `<Part><PartNumber>${number}</PartNumber><ETag>${tags[number - 1]}</ETag></Part>`).join('');
  const complete = (body: string) =>
    call('POST', `/parts?uploadId=${id}`, `<CompleteMultipartUpload>${body}</CompleteMultipartUpload>`);
  t.regex(await (await complete(listed([2, 1]))).text(), /InvalidPartOrder/);
  t.regex(await (await complete(listed([1, 3]))).text(), /InvalidPart/);
  t.is((await complete(listed([1, 2]))).status, 200);
  t.true((await inside.file('parts').download())[0].equals(Buffer.concat(parts)));
  t.is((await inside.file('parts').getMetadata())[0].contentType, 'a/b');
  t.is((await complete(listed([1, 2]))).status, 404);
});

test('parts that are not the last have 5 MiB at least, and an upload can be given up', async (t) => {
  const { call } = await withBucket(t);
  const id = tagOf('UploadId', await (await call('POST', '/parts?uploads')).text());
  const tags = [];
  for (const number of [1, 2])
    tags.push((await call('PUT', `/parts?partNumber=${number}&uploadId=${id}`, 'x')).headers.get('etag'));
  const body = tags
    .map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
    .join('');
  t.regex(await (await call('POST', `/parts?uploadId=${id}`, body)).text(), /EntityTooSmall/);
  t.regex(await (await call('GET', `/parts?uploadId=${id}`)).text(), /<PartNumber>2<\/PartNumber>/);
  t.is((await call('DELETE', `/parts?uploadId=${id}`)).status, 204);
  t.is((await call('GET', `/parts?uploadId=${id}`)).status, 404);
});

test('a list has prefixes and pages', async (t) => {
  const { call } = await withBucket(t);
  for (const name of ['a', 'dir/1', 'dir/2', 'z']) await call('PUT', `/${name}`, 'x');
  const first = await (await call('GET', '?delimiter=/&max-keys=2')).text();
  t.deepEqual(
    [tagOf('Key', first), tagOf('Prefix', first.slice(first.indexOf('CommonPrefixes'))), tagOf('IsTruncated', first)],
    ['a', 'dir/', 'true'],
  );
  const second = await (await call('GET', '?list-type=2&delimiter=/&start-after=dir0')).text();
  t.deepEqual([tagOf('Key', second), tagOf('IsTruncated', second)], ['z', 'false']);
});

test('the host may name the bucket', async (t) => {
  const { inside, server } = await withBucket(t);
  await inside.file('a b').save('hosted', { resumable: false });
  const host = `${inside.name}.storage.googleapis.com`;
  const asked = request({ port: server.port, host: '127.0.0.1', path: '/a%20b', headers: { host, ...TOKEN } });
  const text = await new Promise<string>((resolve, reject) => {
    asked.on('error', reject).on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => resolve(body));
    });
    asked.end();
  });
  t.is(text, 'hosted');
});

test('what the XML API of the emulator does not have is said', async (t) => {
  const { call } = await withBucket(t);
  const answer = await call('PUT', '?lifecycle', '<LifecycleConfiguration/>');
  t.is(answer.status, 501);
  t.regex(await answer.text(), /<Code>NotImplemented<\/Code>/);
});

import { createHash } from 'node:crypto';
import test from 'ava';
import * as z from 'zod';
import { event } from '#contracts/kit/event.ts';
import { objectNotification } from '#contracts/kit/object-notification.ts';
import { operation } from '#contracts/kit/operation.ts';
import { httpFunction } from '#core/function.ts';
import { openBucket } from '#core/storage.ts';
import { tenantKey } from '#core/tenant-key.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const urlOf = operation({
  method: 'POST',
  path: '/v1/tests/urls',
  summary: 'A signed URL of an object',
  audience: 'public',
  roles: 'anyone',
  input: z.strictObject({
    name: z.string(),
    action: z.enum(['write', 'read', 'resumable']),
    md5: z.string().optional(),
    most: z.int().optional(),
  }),
  output: z.object({ url: z.url() }),
});
const take = operation({
  method: 'POST',
  path: '/internal/market/objects',
  summary: 'Take an object',
  audience: 'internal',
  roles: 'authenticated',
  input: objectNotification,
  output: z.object({ taken: z.literal(true) }),
});
const taken = event({
  type: 'test.object.taken',
  version: 1,
  scope: 'global',
  summary: 'An object was taken',
  data: z.object({ name: z.string(), sha256: z.string() }),
});

const makesUrls = httpFunction(
  urlOf,
  { buckets: ['uploads'], signsUrls: true },
  async ({ name, action, md5, most }, { config, now }) => {
    const bucket = await openBucket(config, 'uploads');
    const [url] = await bucket.file(name).getSignedUrl({
      version: 'v4',
      action,
      expires: now.getTime() + 600_000,
      ...(md5 === undefined ? {} : { contentMd5: md5 }),
      ...(most === undefined ? {} : { extensionHeaders: { 'x-goog-content-length-range': `0,${most}` } }),
    });
    return { url };
  },
);
const takes = httpFunction(
  take,
  { takesObjectsOf: 'uploads', readsBuckets: ['uploads'], emits: [taken], calls: [] },
  async ({ message: { attributes } }, { config, transaction }) => {
    const bucket = await openBucket(config, 'uploads');
    const { objectId: name, objectGeneration: generation } = attributes;
    const [bytes] = await bucket.file(name, { generation }).download();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await transaction(async ({ publish }) => publish(taken, { name, sha256 }));
    return { taken: true as const };
  },
);

let harness: Harness;
test.before(async () => {
  harness = await startHarness({
    storage: true,
    functions: [
      { name: 'market-make-url', context: 'market', declaration: makesUrls },
      { name: 'market-take', context: 'market', declaration: takes },
    ],
  });
});
test.after.always(() => harness?.close());

const signed = async (input: z.input<typeof urlOf.input>): Promise<string> => {
  const { status, body } = await harness.request(urlOf, input);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.url;
};
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const md5 = (text: string) => createHash('md5').update(text).digest('base64');

test.serial('what a client puts by signed URL is told to its taker, and read again by signed URL', async (t) => {
  const put = await fetch(await signed({ name: 'simple', action: 'write' }), { method: 'PUT', body: 'margin' });
  t.is(put.status, 200);
  const published = await harness.settle({ only: ['market-take'] });
  t.deepEqual(
    published.map(({ data }) => data),
    [{ name: 'simple', sha256: sha256('margin') }],
  );
  t.is(await (await fetch(await signed({ name: 'simple', action: 'read' }))).text(), 'margin');
});

test.serial('an object that is told of twice has one effect', async (t) => {
  const bucket = await openBucket(harness.config('market').variable, 'uploads');
  await bucket.file('twice').save('once', { resumable: false });
  const [{ generation }] = await bucket.file('twice').getMetadata();
  await harness.settle({ only: ['market-take'] });
  const attributes = {
    eventType: 'OBJECT_FINALIZE',
    bucketId: bucket.name,
    objectId: 'twice',
    objectGeneration: String(generation),
  };
  t.is(await harness.tell('market-take', attributes), 200);
  t.deepEqual(await harness.published(), [], 'the event has the id it had before');
});

test.serial('an upload that was cut goes on where the bytes end', async (t) => {
  const url = await signed({ name: 'cut', action: 'resumable' });
  const started = await fetch(url, { method: 'POST', headers: { 'x-goog-resumable': 'start' } });
  const session = started.headers.get('location') ?? '';
  const bytes = Buffer.alloc(600_000, 'crush');
  const total = bytes.length;
  const upload = async function* () {
    yield bytes.subarray(0, 300_000);
    throw new Error('the line was cut');
  };
  const cut = fetch(session, {
    method: 'PUT',
    body: ReadableStream.from(upload()),
    headers: { 'content-range': `bytes 0-${total - 1}/${total}` },
    duplex: 'half',
  });
  await t.throwsAsync(cut);
  const asked = await fetch(session, { method: 'PUT', headers: { 'content-range': `bytes */${total}` } });
  t.is(asked.status, 308);
  // Without a Range nothing has arrived.
  const last = /^bytes=0-(\d+)$/.exec(asked.headers.get('range') ?? '')?.[1];
  const from = last === undefined ? 0 : Number(last) + 1;
  const done = await fetch(session, {
    method: 'PUT',
    body: bytes.subarray(from),
    headers: { 'content-range': `bytes ${from}-${total - 1}/${total}` },
  });
  t.is(done.status, 200);
  const [event_] = await harness.settle({ only: ['market-take'] });
  t.is(event_?.data.sha256, createHash('sha256').update(bytes).digest('hex'));
});

test.serial('a URL whose signature was touched opens nothing, nor does one for another object', async (t) => {
  const url = await signed({ name: 'simple', action: 'read' });
  const touched = url.replace(/(X-Goog-Signature=.{20})(.)/, (_, head, sign) => head + (sign === 'a' ? 'b' : 'a'));
  t.is((await fetch(touched)).status, 403);
  t.is((await fetch(url.replace('/simple?', '/cut?'))).status, 403);
});

test.serial('bytes with another checksum, or more of them than was agreed, are refused', async (t) => {
  const bound = await signed({ name: 'bound', action: 'write', md5: md5('right') });
  const put = (url: string, body: string, headers: Record<string, string>) =>
    fetch(url, { method: 'PUT', body, headers });
  t.is((await put(bound, 'wrong', { 'content-md5': md5('right') })).status, 400);
  t.is((await put(bound, 'wrong', { 'content-md5': md5('wrong') })).status, 403, 'the checksum is signed');
  t.is((await put(bound, 'right', { 'content-md5': md5('right') })).status, 200);
  const short = await signed({ name: 'short', action: 'write', most: 3 });
  const headers = { 'x-goog-content-length-range': '0,3' };
  const tooLarge = await put(short, 'four', headers);
  t.is(tooLarge.status, 400);
  t.regex(await tooLarge.text(), /EntityTooLarge/);
  t.is((await put(short, 'abc', headers)).status, 200);
});

test.serial('a page of any origin may put by signed URL', async (t) => {
  const url = await signed({ name: 'page', action: 'write' });
  const asked = await fetch(url, {
    method: 'OPTIONS',
    headers: { origin: 'https://desk.example', 'access-control-request-method': 'PUT' },
  });
  t.is(asked.headers.get('access-control-allow-origin'), '*');
  t.regex(asked.headers.get('access-control-allow-methods') ?? '', /PUT/);
  const put = await fetch(url, { method: 'PUT', body: 'x', headers: { origin: 'https://desk.example' } });
  t.is(put.headers.get('access-control-allow-origin'), '*');
});

test.serial("an object under its tenant's key is read by signed URL, until the key is destroyed", async (t) => {
  const config = harness.config('market').variable;
  const bucket = await openBucket(config, 'uploads');
  const tenant = crypto.randomUUID();
  const [kmsKeyName, again] = await Promise.all([tenantKey(config, tenant), tenantKey(config, tenant)]);
  t.is(again, kmsKeyName);
  t.not(kmsKeyName, await tenantKey(config, crypto.randomUUID()));
  await bucket.file('simple').copy(bucket.file('kept', { kmsKeyName }));
  const url = await signed({ name: 'kept', action: 'read' });
  t.is(await (await fetch(url)).text(), 'margin');
  const version = `${process.env.KMS_ENDPOINT}/v1/${kmsKeyName}/cryptoKeyVersions/1`;
  await fetch(`${version}:destroy`, { method: 'POST', body: '{}' });
  t.is((await fetch(url)).status, 403);
});

test.serial('a URL is good until it expires, and an upload that nobody takes is gone after a day', async (t) => {
  const url = await signed({ name: 'simple', action: 'read' });
  harness.storage?.moveClock(601_000);
  const late = await fetch(url);
  t.is(late.status, 400);
  t.regex(await late.text(), /ExpiredToken/);
  harness.storage?.moveClock(2 * 86_400_000);
  await harness.storage?.methods.sweep();
  harness.storage?.moveClock(0);
  const bucket = await openBucket(harness.config('market').variable, 'uploads');
  t.deepEqual(await bucket.getFiles().then(([files]) => files.map(({ name }) => name)), []);
});

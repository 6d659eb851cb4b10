import { createHash, createHmac } from 'node:crypto';
import test from 'ava';
import { clientOf, localStorage } from './local-storage.ts';

const HOUR_MS = 3_600_000;
const inAnHour = () => Date.now() + HOUR_MS;

async function withObject(t: Parameters<typeof localStorage>[0]) {
  const local = await localStorage(t);
  const inside = await local.bucket();
  const file = inside.file("special/a b!*'()~+ü.txt");
  await file.save('signed', { resumable: false });
  return { ...local, inside, file };
}

for (const version of ['v4', 'v2'] as const) {
  test(`${version}: a signed URL reads an object that nobody else may read`, async (t) => {
    const { file, origin, inside } = await withObject(t);
    const [url] = await file.getSignedUrl({ version, action: 'read', expires: inAnHour() });
    t.is(await (await fetch(url)).text(), 'signed');
    const anonymous = await fetch(`${origin}/${inside.name}/${encodeURIComponent(file.name)}`);
    t.is(anonymous.status, 403);
    t.regex(await anonymous.text(), /<Code>AccessDenied<\/Code>/);
  });

  test(`${version}: a URL for another object, another method or with another signature is refused`, async (t) => {
    const { file } = await withObject(t);
    const [url] = await file.getSignedUrl({ version, action: 'read', expires: inAnHour() });
    const other = await fetch(url.replace('special', 'specials'));
    t.is(other.status, 403);
    t.regex(await other.text(), /<Code>SignatureDoesNotMatch<\/Code>/);
    t.is((await fetch(url, { method: 'DELETE' })).status, 403);
    const flipped = url.replace(/(Signature=.{10})(.)/, (_, head, sign) => head + (sign === 'a' ? 'b' : 'a'));
    t.is((await fetch(flipped)).status, 403);
  });

  test(`${version}: an expired URL is refused`, async (t) => {
    const { file, server } = await withObject(t);
    const [url] = await file.getSignedUrl({ version, action: 'read', expires: inAnHour() });
    server.moveClock(HOUR_MS + 1000);
    const answer = await fetch(url);
    t.is(answer.status, 400);
    t.regex(await answer.text(), /<Code>ExpiredToken<\/Code>/);
  });

  test(`${version}: a signed PUT writes, with the content type that was signed and no other`, async (t) => {
    const { inside } = await withObject(t);
    const file = inside.file('put');
    const contentType = 'text/csv';
    const [url] = await file.getSignedUrl({ version, action: 'write', expires: inAnHour(), contentType });
    t.is((await fetch(url, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/html' } })).status, 403);
    t.is((await fetch(url, { method: 'PUT', body: 'a,b', headers: { 'content-type': contentType } })).status, 200);
    t.is((await file.getMetadata())[0].contentType, contentType);
    t.is(String((await file.download())[0]), 'a,b');
  });
}

test('v4: signed headers are to be sent as they were signed', async (t) => {
  const { file } = await withObject(t);
  const extensionHeaders = { 'x-goog-custom': ['one', 'two'] };
  const [url] = await file.getSignedUrl({ version: 'v4', action: 'read', expires: inAnHour(), extensionHeaders });
  t.is((await fetch(url)).status, 403);
  t.is((await fetch(url, { headers: { 'x-goog-custom': 'one,two' } })).status, 200);
});

test('v4: a URL is not good before its time', async (t) => {
  const { file } = await withObject(t);
  const [url] = await file.getSignedUrl({
    version: 'v4',
    action: 'read',
    accessibleAt: inAnHour(),
    expires: inAnHour() + HOUR_MS,
  });
  t.is((await fetch(url)).status, 403);
});

test('v4: a query parameter that is added breaks the signature', async (t) => {
  const { file } = await withObject(t);
  const [url] = await file.getSignedUrl({ version: 'v4', action: 'read', expires: inAnHour() });
  t.is((await fetch(`${url}&generation=1`)).status, 403);
});

test('v4: a signed URL starts a resumable upload', async (t) => {
  const { inside } = await withObject(t);
  const file = inside.file('resumable');
  const [url] = await file.getSignedUrl({ version: 'v4', action: 'resumable', expires: inAnHour() });
  const started = await fetch(url, { method: 'POST', headers: { 'x-goog-resumable': 'start' } });
  t.is(started.status, 201);
  const answer = await fetch(started.headers.get('location') ?? '', { method: 'PUT', body: 'in one go' });
  t.is(answer.status, 200);
  t.is(String((await file.download())[0]), 'in one go');
});

test('v4: a signed URL lists a bucket', async (t) => {
  const { inside } = await withObject(t);
  const [url] = await inside.getSignedUrl({ version: 'v4', action: 'list', expires: inAnHour() });
  t.regex(await (await fetch(url)).text(), /<ListBucketResult.*<Key>special\/a b!\*&apos;\(\)~\+ü\.txt<\/Key>/s);
});

test('an account whose key the server does not have may sign nothing', async (t) => {
  const { origin, bucket } = await localStorage(t, { signers: {} });
  const name = (await bucket()).name;
  const [url] = await clientOf(origin)
    .bucket(name)
    .file('x')
    .getSignedUrl({ version: 'v4', action: 'read', expires: inAnHour() });
  const answer = await fetch(url);
  t.is(answer.status, 403);
  t.regex(await answer.text(), /No key of signer@/);
});

test('an HMAC key signs as long as it is active', async (t) => {
  const { client, inside, file, origin } = await withObject(t);
  const [key, secret] = await client.createHmacKey('signer@rules.iam.gserviceaccount.com');
  const url = hmacUrl(
    origin,
    `/${inside.name}/${encodeURIComponent(file.name).replace(/[!'()*]/g, hex)}`,
    key.metadata.accessId ?? '',
    secret,
  );
  t.is(await (await fetch(url)).text(), 'signed');
  t.is((await fetch(url.replace('Signature=', 'Signature=00'))).status, 403);
  await key.setMetadata({ state: 'INACTIVE' });
  t.is((await fetch(url)).status, 403);
  await key.delete();
  t.is((await client.getHmacKeys())[0].length, 0);
});

const hex = (sign: string): string => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;

/** What a client with an HMAC key makes of the V4 recipe, with nothing of the server's code. */
function hmacUrl(origin: string, path: string, accessId: string, secret: string): string {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = [date.slice(0, 8), 'auto', 'storage', 'goog4_request'];
  const query = [
    'X-Goog-Algorithm=GOOG4-HMAC-SHA256',
    `X-Goog-Credential=${encodeURIComponent([accessId, ...scope].join('/'))}`,
    `X-Goog-Date=${date}`,
    'X-Goog-Expires=600',
    'X-Goog-SignedHeaders=host',
  ].join('&');
  const canonical = ['GET', path, query, `host:${new URL(origin).host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const key = scope.reduce(
    (derived: Buffer, part) => createHmac('sha256', derived).update(part).digest(),
    Buffer.from(`GOOG4${secret}`),
  );
  const signature = createHmac('sha256', key)
    .update(['GOOG4-HMAC-SHA256', date, scope.join('/'), hash].join('\n'))
    .digest('hex');
  return `${origin}${path}?${query}&X-Goog-Signature=${signature}`;
}

async function policyForm(t: Parameters<typeof localStorage>[0]) {
  const { inside } = await withObject(t);
  const file = inside.file('from-a-page');
  const [policy] = await file.generateSignedPostPolicyV4({
    expires: inAnHour(),
    conditions: [['content-length-range', 3, 10]],
    fields: { 'x-goog-meta-lot': '7', 'content-type': 'text/plain' },
  });
  const send = async (content: string, changed: Record<string, string> = {}) => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...policy.fields, ...changed })) form.append(name, value);
    form.append('file', content);
    return fetch(`${policy.url}/${inside.name}`, { method: 'POST', body: form });
  };
  return { file, send };
}

test('a form with a signed policy makes an object with the fields it names', async (t) => {
  const { file, send } = await policyForm(t);
  t.is((await send('grain')).status, 204);
  t.like((await file.getMetadata())[0], { contentType: 'text/plain', metadata: { lot: '7' } });
});

test('a form whose fields, size or policy are not what was signed is refused', async (t) => {
  const { file, send } = await policyForm(t);
  t.is((await send('grain', { key: 'elsewhere' })).status, 403);
  t.is((await send('grain', { 'x-goog-meta-more': 'x' })).status, 403);
  t.is(
    (
      await send('grain', {
        policy: Buffer.from('{"conditions":[],"expiration":"2099-01-01T00:00:00Z"}').toString('base64'),
      })
    ).status,
    403,
  );
  t.is((await send('x')).status, 400);
  t.is((await send('far too long')).status, 400);
  t.false((await file.exists())[0]);
});

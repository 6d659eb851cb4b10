import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { clientOf, localStorage, SIGNER } from './local-storage.ts';

const HOUR_MS = 3_600_000;

/** Publishes one account's keys, as Google does for each service account; says how often it was asked. */
async function publisher(t: import('ava').ExecutionContext, keys: object[]) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    const found = request.url === `/keys/${encodeURIComponent(SIGNER)}`;
    response.writeHead(found ? 200 : 404).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys/`, asked: () => asked };
}

test('a signature verifies with any of the keys that its account publishes', async (t) => {
  const pairs = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const published = await publisher(
    t,
    pairs.map(({ publicKey }) => publicKey.export({ format: 'jwk' })),
  );
  const { origin, bucket } = await localStorage(t, { signers: {}, signerKeysUrl: published.url });
  const { name } = await bucket();
  const client = clientOf(origin);
  const urlBy = async (account: string, privateKey: (typeof pairs)[number]['privateKey']) => {
    Object.assign(client.authClient, {
      getCredentials: async () => ({ client_email: account }),
      sign: async (text: string) => createSign('RSA-SHA256').update(text).sign(privateKey, 'base64'),
    });
    const file = client.bucket(name).file('x');
    const [url] = await file.getSignedUrl({ version: 'v4', action: 'write', expires: Date.now() + HOUR_MS });
    return url;
  };
  const put = async (url: string) => (await fetch(url, { method: 'PUT', body: 'x' })).status;
  for (const { privateKey } of pairs) t.is(await put(await urlBy(SIGNER, privateKey)), 200);
  t.is(published.asked(), 1, 'the keys are kept');
  const forger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  t.is(await put(await urlBy(SIGNER, forger.privateKey)), 403);
  t.is(await put(await urlBy(`other-${SIGNER}`, forger.privateKey)), 403);
});

test('a range of lengths binds the bytes of a resumable upload too', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('bound');
  const extensionHeaders = { 'x-goog-content-length-range': '2,4' };
  const [url] = await file.getSignedUrl({
    version: 'v4',
    action: 'resumable',
    expires: Date.now() + HOUR_MS,
    extensionHeaders,
  });
  const upload = async (body: string) => {
    const headers = { 'x-goog-resumable': 'start', ...extensionHeaders };
    const started = await fetch(url, { method: 'POST', headers });
    const answer = await fetch(started.headers.get('location') ?? '', { method: 'PUT', body });
    return { status: answer.status, text: await answer.text() };
  };
  t.regex((await upload('a')).text, /EntityTooSmall/);
  t.regex((await upload('abcde')).text, /EntityTooLarge/);
  t.is((await upload('abc')).status, 200);
  const without = await fetch(url, { method: 'POST', headers: { 'x-goog-resumable': 'start' } });
  t.is(without.status, 403, 'the range is signed');
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Firestore } from '@google-cloud/firestore';
import test, { type ExecutionContext } from 'ava';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { clientOf, startLocal } from './local-firestore.ts';

const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

interface Guarded {
  /** A client that presents a token for this address, signed by the issuer or by a stranger. */
  as(email: string, signer?: 'issuer' | 'stranger'): Promise<Firestore>;
  withHeaders(headers: Record<string, string>): Firestore;
}

async function startGuarded(t: ExecutionContext): Promise<Guarded> {
  const issuer = await generateKeyPair('RS256');
  const stranger = await generateKeyPair('RS256');
  const published = { keys: [{ ...(await exportJWK(issuer.publicKey)), kid: 'k1', alg: 'RS256' }] };
  const keys = createServer((_, response) => response.end(JSON.stringify(published))).listen(0, '127.0.0.1');
  await once(keys, 'listening');
  t.teardown(() => keys.close());
  const jwksUrl = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks`;
  const { server } = await startLocal(t, { iam: { jwksUrl, writers: ['writer@x'], readers: ['reader@x'] } });
  return {
    async as(email, signer = 'issuer') {
      const token = await new SignJWT({ email })
        .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
        .setExpirationTime('1h')
        .sign(signer === 'issuer' ? issuer.privateKey : stranger.privateKey);
      return clientOf(t, server.port, { Authorization: `Bearer ${token}` });
    },
    withHeaders: (headers) => clientOf(t, server.port, headers),
  };
}

test('a writer writes and reads, a reader only reads, others neither', async (t) => {
  const { as } = await startGuarded(t);
  const [writer, reader, other] = [await as('writer@x'), await as('reader@x'), await as('other@x')];
  await writer.doc('c/a').set({ n: 1 });
  t.is((await writer.doc('c/a').get()).get('n'), 1);
  t.is((await reader.collection('c').get()).size, 1);
  await t.throwsAsync(reader.doc('c/a').set({ n: 2 }), { code: PERMISSION_DENIED } as object);
  await t.throwsAsync(reader.doc('c/a').delete(), { code: PERMISSION_DENIED } as object);
  await t.throwsAsync(other.doc('c/a').get(), { code: PERMISSION_DENIED } as object);
  const listening = new Promise((_, reject) => other.collection('c').onSnapshot(() => undefined, reject));
  await t.throwsAsync(listening, { message: /Error 7: other@x may not read/ });
  t.is((await reader.doc('c/a').get()).get('n'), 1);
});

test('a reader may run a read-only transaction, and no other', async (t) => {
  const { as } = await startGuarded(t);
  await (await as('writer@x')).doc('c/a').set({ n: 1 });
  const reader = await as('reader@x');
  const read = await reader.runTransaction((transaction) => transaction.get(reader.doc('c/a')), { readOnly: true });
  t.is(read.get('n'), 1);
  const writing = reader.runTransaction((transaction) => transaction.get(reader.doc('c/a')));
  await t.throwsAsync(writing, { code: PERMISSION_DENIED } as object);
});

test("a caller without a valid token is not authenticated, the emulator's owner among them", async (t) => {
  const { as, withHeaders } = await startGuarded(t);
  for (const client of [
    withHeaders({}),
    withHeaders({ Authorization: 'Bearer a.b.c' }),
    await as('writer@x', 'stranger'),
  ]) {
    await t.throwsAsync(client.doc('c/a').get(), { code: UNAUTHENTICATED } as object);
    await t.throwsAsync(client.doc('c/a').set({ n: 1 }), { code: UNAUTHENTICATED } as object);
  }
});

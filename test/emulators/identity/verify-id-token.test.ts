import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import * as jose from 'jose';
import { TokenRefused, tokenVerifier, verifyIdToken } from '../../../emulators/identity/verify-id-token.ts';

const ISSUER = 'https://identity.millrace.test';
const AUDIENCE = 'millrace';

let folder = '';

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-'));
});

test.after.always(() => rm(folder, { recursive: true }));

interface TestIssuer {
  jwksUrl: string;
  path: string;
  jwk: jose.JWK;
  sign(claims?: Record<string, unknown>): Promise<string>;
}

async function issuer(kid: string, path = join(folder, `${kid}.json`)): Promise<TestIssuer> {
  const { publicKey, privateKey } = await jose.generateKeyPair('RS256');
  const jwk = { ...(await jose.exportJWK(publicKey)), kid, alg: 'RS256' };
  await writeFile(path, JSON.stringify({ keys: [jwk] }));
  const now = Math.floor(Date.now() / 1000);
  return {
    path,
    jwk,
    jwksUrl: pathToFileURL(path).href,
    sign: (claims = {}) =>
      new jose.SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'u1', iat: now, exp: now + 600, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid })
        .sign(privateKey),
  };
}

const rules = (jwksUrl: string) => ({ jwksUrl, issuer: ISSUER, audience: AUDIENCE });

async function faultOf(verifying: Promise<unknown>): Promise<string> {
  try {
    await verifying;
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenRefused) return error.fault;
    throw error;
  }
}

test('a good token gives its claims', async (t) => {
  const { jwksUrl, sign } = await issuer('good');
  t.is((await verifyIdToken(await sign(), rules(jwksUrl))).sub, 'u1');
});

test('each fault has its name', async (t) => {
  const { jwksUrl, sign } = await issuer('faults');
  const verify = tokenVerifier(rules(jwksUrl));
  const now = Math.floor(Date.now() / 1000);
  const stranger = await issuer('faults', join(folder, 'stranger.json'));
  t.is(await faultOf(verify('not.a.token')), 'malformed');
  t.is(await faultOf(verify(await sign({ exp: now - 3600 }))), 'expired');
  t.is(await faultOf(verify(await sign({ nbf: now + 3600 }))), 'not-yet-valid');
  t.is(await faultOf(verify(await sign({ iss: 'https://elsewhere.test' }))), 'wrong-issuer');
  t.is(await faultOf(verify(await sign({ aud: 'another' }))), 'wrong-audience');
  t.is(await faultOf(verify(await sign({ exp: undefined }))), 'malformed');
  t.is(await faultOf(verify(await stranger.sign())), 'bad-signature');
  t.is(await faultOf(tokenVerifier(rules(`file://${folder}/none.json`))(await sign())), 'keys-unavailable');
});

test('an unsigned token and one signed with the public key as a secret are refused', async (t) => {
  const { jwksUrl, jwk } = await issuer('confusion');
  const verify = tokenVerifier(rules(jwksUrl));
  const secret = new TextEncoder().encode(JSON.stringify(jwk));
  const hmac = await new jose.SignJWT({ iss: ISSUER, aud: AUDIENCE })
    .setProtectedHeader({ alg: 'HS256', kid: 'confusion' })
    .setExpirationTime('1h')
    .sign(secret);
  t.is(await faultOf(verify(hmac)), 'malformed');
  t.is(await faultOf(verify(new jose.UnsecuredJWT({ iss: ISSUER, aud: AUDIENCE }).encode())), 'malformed');
});

test('a new key is found without a restart, and the old one stops counting', async (t) => {
  const before = await issuer('key-1');
  const verify = tokenVerifier(rules(before.jwksUrl));
  const oldToken = await before.sign();
  t.is(await faultOf(verify(oldToken)), 'accepted');
  const after = await issuer('key-2', before.path);
  t.is(await faultOf(verify(await after.sign())), 'accepted');
  t.is(await faultOf(verify(oldToken)), 'unknown-key');
});

test('a token that was verified is not read against the keys again', async (t) => {
  const { jwksUrl, path, sign } = await issuer('remembered');
  const verify = tokenVerifier(rules(jwksUrl));
  const token = await sign();
  const first = await verify(token);
  await rm(path);
  t.is(await verify(token), first);
});

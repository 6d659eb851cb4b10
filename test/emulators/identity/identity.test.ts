import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Compute } from 'google-auth-library';
import * as jose from 'jose';
import { idTokenSource } from '../../../emulators/identity/id-token-source.ts';
import { type IdentityServer, startIdentity } from '../../../emulators/identity/server.ts';

const ACCOUNT = 'trading@millrace-local.iam.gserviceaccount.com';
const OTHER = 'risk@millrace-local.iam.gserviceaccount.com';
const AUDIENCE = 'http://127.0.0.1:9999/trading-create-requirement';

let dataDir = '';
let identity: IdentityServer;

test.before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'identity-'));
  identity = await start(0);
});

test.after.always(async () => {
  await identity.close();
  await rm(dataDir, { recursive: true });
});

function start(port: number): Promise<IdentityServer> {
  return startIdentity({ port, dataDir, projectId: 'millrace-local', serviceAccounts: [ACCOUNT, OTHER] });
}

async function metadata(path: string, headers: Record<string, string> = { 'Metadata-Flavor': 'Google' }) {
  const answer = await fetch(`${identity.issuer}/computeMetadata/v1/${path}`, { headers });
  return { status: answer.status, text: await answer.text(), flavor: answer.headers.get('metadata-flavor') };
}

async function generate(email: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${identity.issuer}/v1/projects/-/serviceAccounts/${email}:generateIdToken`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('an id token has the claims that Google puts there and verifies against the published keys', async (t) => {
  const { body } = await generate(ACCOUNT, { audience: AUDIENCE, includeEmail: true });
  const discovery = (await (await fetch(`${identity.issuer}/.well-known/openid-configuration`)).json()) as {
    issuer: string;
    jwks_uri: string;
  };
  const keys = jose.createRemoteJWKSet(new URL(discovery.jwks_uri));
  const { payload } = await jose.jwtVerify(String(body.token), keys, { issuer: discovery.issuer, audience: AUDIENCE });
  t.is(payload.email, ACCOUNT);
  t.is(payload.email_verified, true);
  t.regex(String(payload.sub), /^\d{21}$/);
  t.is(payload.azp, payload.sub);
  t.is(Number(payload.exp) - Number(payload.iat), 3600);
});

test('an id token leaves out the e-mail unless it is asked for', async (t) => {
  const { body } = await generate(ACCOUNT, { audience: AUDIENCE });
  const claims = jose.decodeJwt(String(body.token));
  t.false('email' in claims);
  t.is(claims.aud, AUDIENCE);
});

test('a service account that was not declared does not exist', async (t) => {
  const unknown = 'nobody@millrace-local.iam.gserviceaccount.com';
  t.is((await generate(unknown, { audience: AUDIENCE })).status, 404);
  t.is((await metadata(`instance/service-accounts/${unknown}/identity?audience=a`)).status, 404);
});

test('a token without an audience is not given', async (t) => {
  t.is((await generate(ACCOUNT, {})).status, 400);
  t.is((await metadata('instance/service-accounts/default/identity')).status, 400);
});

test('the metadata server answers what the instance asks about itself', async (t) => {
  t.is((await metadata('project/project-id')).text, 'millrace-local');
  t.is((await metadata('instance/service-accounts/default/email')).text, ACCOUNT);
  t.is((await metadata(`instance/service-accounts/${OTHER}/email`)).text, OTHER);
  const token = await metadata(`instance/service-accounts/${OTHER}/identity?audience=a&format=full`);
  t.is(jose.decodeJwt(token.text).email, OTHER);
  t.is(token.flavor, 'Google');
  const access = JSON.parse((await metadata(`instance/service-accounts/${OTHER}/token`)).text);
  t.is(access.token_type, 'Bearer');
  t.is(jose.decodeJwt(access.access_token).email, OTHER);
});

test('the metadata server refuses whoever does not know it for what it is', async (t) => {
  t.is((await metadata('project/project-id', {})).status, 403);
  const proxied = { 'Metadata-Flavor': 'Google', 'X-Forwarded-For': '10.0.0.1' };
  t.is((await metadata('project/project-id', proxied)).status, 403);
});

test('a request under a foreign host name is refused', async (t) => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { host: 'attacker.example', 'metadata-flavor': 'Google' };
    request({ port: identity.port, host: '127.0.0.1', path: '/computeMetadata/v1/project/project-id', headers })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  t.is(status, 403);
});

test.serial("Google's own client gets an id token from the metadata server", async (t) => {
  process.env.GCE_METADATA_HOST = `127.0.0.1:${identity.port}`;
  t.teardown(() => {
    delete process.env.GCE_METADATA_HOST;
  });
  const token = await new Compute({ serviceAccountEmail: OTHER }).fetchIdToken(AUDIENCE);
  const claims = jose.decodeJwt(token);
  t.is(claims.email, OTHER);
  t.is(claims.aud, AUDIENCE);
});

test.serial('tokens from before a restart still verify after it', async (t) => {
  const { body } = await generate(ACCOUNT, { audience: AUDIENCE });
  const { port } = identity;
  await identity.close();
  identity = await start(port);
  const keys = jose.createRemoteJWKSet(new URL(identity.jwksUrl));
  await t.notThrowsAsync(jose.jwtVerify(String(body.token), keys, { issuer: identity.issuer }));
});

test.serial('a taken port is one line that says what to do', async (t) => {
  await t.throwsAsync(start(identity.port), {
    message: `port ${identity.port} is taken: stop what uses it or pass --identity-port`,
  });
});

test('a token source asks once for callers who come together, and holds the token', async (t) => {
  const token = idTokenSource({ identityUrl: identity.issuer, serviceAccount: ACCOUNT });
  const [first, second] = await Promise.all([token(AUDIENCE), token(AUDIENCE)]);
  t.is(first, second);
  t.is(await token(AUDIENCE), first);
  t.not(await token('http://127.0.0.1:9999/another'), first);
});

test('a token source says which account it could not speak for', async (t) => {
  const token = idTokenSource({ identityUrl: identity.issuer, serviceAccount: 'nobody@example.com' });
  await t.throwsAsync(token(AUDIENCE), { message: /no id token for nobody@example\.com: 404/ });
});

import { createPublicKey, createVerify } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type IdentityServer, startIdentity } from '../../../emulators/identity/server.ts';

const FILES = 'files@millrace-local.iam.gserviceaccount.com';
const RISK = 'risk@millrace-local.iam.gserviceaccount.com';
const TEXT = 'GOOG4-RSA-SHA256\nand so on';

let dataDir = '';
test.before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'identity-'));
});
test.after.always(() => rm(dataDir, { recursive: true }));

async function start(t: import('ava').ExecutionContext, signers?: Record<string, string[]>): Promise<IdentityServer> {
  const identity = await startIdentity({
    port: 0,
    dataDir,
    projectId: 'millrace-local',
    serviceAccounts: [FILES, RISK],
    ...(signers === undefined ? {} : { signers }),
  });
  t.teardown(() => identity.close());
  return identity;
}

async function sign(issuer: string, account: string, payload: string, token = '') {
  const answer = await fetch(`${issuer}/v1/projects/-/serviceAccounts/${account}:signBlob`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ payload }),
  });
  const body = (await answer.json()) as { keyId?: string; signedBlob?: string };
  return { status: answer.status, body };
}

async function tokenOf(issuer: string, account: string): Promise<string> {
  const url = `${issuer}/computeMetadata/v1/instance/service-accounts/${account}/token`;
  const answer = await fetch(url, { headers: { 'metadata-flavor': 'Google' } });
  return ((await answer.json()) as { access_token: string }).access_token;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

test.serial('what is signed for an account verifies with the key that is published for it', async (t) => {
  const { issuer } = await start(t);
  const { status, body } = await sign(issuer, FILES, base64(TEXT));
  t.is(status, 200);
  const answer = await fetch(`${issuer}/service_accounts/v1/jwk/${FILES}`);
  const { keys } = (await answer.json()) as { keys: { kid: string; kty: string }[] };
  const key = keys.find(({ kid }) => kid === body.keyId);
  if (key === undefined) return t.fail('the key is published');
  const verifies = (text: string) =>
    createVerify('RSA-SHA256')
      .update(text)
      .verify(createPublicKey({ key, format: 'jwk' }), Buffer.from(body.signedBlob ?? '', 'base64'));
  t.true(verifies(TEXT));
  t.false(verifies(`${TEXT}.`));
});

test.serial('an account that there is not signs nothing and has no keys', async (t) => {
  const { issuer } = await start(t);
  const nobody = 'nobody@millrace-local.iam.gserviceaccount.com';
  t.is((await sign(issuer, nobody, base64(TEXT))).status, 404);
  t.is((await fetch(`${issuer}/service_accounts/v1/jwk/${nobody}`)).status, 404);
});

test.serial('bytes that are not base64 are refused', async (t) => {
  const { issuer } = await start(t);
  t.is((await sign(issuer, FILES, '%')).status, 400);
  t.is((await sign(issuer, FILES, '')).status, 400);
});

test.serial('where it is said who may sign as whom, everybody else is refused', async (t) => {
  const { issuer, methods } = await start(t, { [FILES]: [FILES] });
  const files = await tokenOf(issuer, FILES);
  t.is((await sign(issuer, FILES, base64(TEXT), files)).status, 200);
  t.is((await sign(issuer, RISK, base64(TEXT), files)).status, 403);
  t.is((await sign(issuer, FILES, base64(TEXT), await tokenOf(issuer, RISK))).status, 403);
  t.is((await sign(issuer, FILES, base64(TEXT))).status, 401);
  t.is((await sign(issuer, FILES, base64(TEXT), `${files.slice(0, -4)}AAAA`)).status, 401);
  methods.setServiceAccounts({ serviceAccounts: [FILES, RISK], signers: {} });
  t.is((await sign(issuer, FILES, base64(TEXT), files)).status, 403, 'the graph has changed');
});

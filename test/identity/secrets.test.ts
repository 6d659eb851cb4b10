import test from 'ava';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { ACCESS_TOKEN } from '#contracts/identity/access-token.ts';
import { accessTokenClaims } from '#core/auth.ts';
import { signAccessToken } from '../../functions/identity/secrets/access-token.ts';
import { seal, unseal } from '../../functions/identity/secrets/key-sealing.ts';
import { newOpaqueToken, readOpaqueToken } from '../../functions/identity/secrets/opaque-token.ts';
import { hashPassword, verifyPassword } from '../../functions/identity/secrets/password.ts';
import { newSigningKey, openSigningKey } from '../../functions/identity/secrets/signing-key.ts';

const SECRET = Buffer.alloc(32, 7).toString('base64');
const tenant = '6f2c2a7e-0d0b-4f0e-9a58-1c1c53b6a0aa';

test('a sealed key opens only with its secret, its label and every byte as it was', (t) => {
  const sealed = seal(SECRET, 'kid-1', Buffer.from('private'));
  t.is(unseal(SECRET, 'kid-1', sealed).toString(), 'private');
  t.throws(() => unseal(SECRET, 'kid-2', sealed));
  t.throws(() => unseal(Buffer.alloc(32, 8).toString('base64'), 'kid-1', sealed));
  const changed = Buffer.from(sealed);
  changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
  t.throws(() => unseal(SECRET, 'kid-1', changed));
});

test('a short secret is refused by name', (t) => {
  t.throws(() => seal('short', 'kid', Buffer.from('x')), { message: /SIGNING_KEY_ENCRYPTION_KEY/ });
});

test('a token signed by a sealed key verifies by the published half, with the claims every function reads', async (t) => {
  const made = await newSigningKey(SECRET);
  const bearer = { userId: 'user-1', organizationId: tenant, roles: ['trader' as const] };
  const token = await signAccessToken(openSigningKey(SECRET, made), made.kid, bearer, new Date());
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [made.publicKey] }), {
    issuer: ACCESS_TOKEN.issuer,
    audience: ACCESS_TOKEN.audience,
    algorithms: ['RS256'],
  });
  t.is(protectedHeader.kid, made.kid);
  t.deepEqual(accessTokenClaims.parse(payload), {
    sub: 'user-1',
    org: tenant,
    roles: ['trader'],
    plan: 'standard',
    kind: 'user',
  });
  t.is((payload.exp ?? 0) - (payload.iat ?? 0), 900);
});

test('passwords are kept as Argon2id with 19 MiB and two passes', async (t) => {
  const passwordHash = await hashPassword('correct horse battery');
  t.true(passwordHash.startsWith('$argon2id$v=19$m=19456,t=2,p=1$'));
  t.true(await verifyPassword(passwordHash, 'correct horse battery'));
  t.false(await verifyPassword(passwordHash, 'another'));
  t.false(await verifyPassword(undefined, 'correct horse battery'));
});

test('an opaque token tells its organisation and nothing else is taken for one', (t) => {
  const token = newOpaqueToken(tenant);
  t.deepEqual(readOpaqueToken(token.text), { tenant, digest: token.digest });
  t.is(readOpaqueToken(`${tenant}.short`), undefined);
  t.is(readOpaqueToken(''), undefined);
});

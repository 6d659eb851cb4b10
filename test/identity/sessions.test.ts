import test from 'ava';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { ACCESS_TOKEN } from '#contracts/identity/access-token.ts';
import * as api from '#contracts/identity/api.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { IDENTITY_VARIABLES } from './variables.ts';

let harness: Harness;

test.before(async () => {
  harness = await startHarness({ variables: IDENTITY_VARIABLES });
});

test.after.always(() => harness?.close());

const password = 'correct horse battery';

async function registered(email: string) {
  const answer = await harness.request(api.register, { email, password, organizationName: `House of ${email}` });
  const opened = await harness.request(api.login, { email, password });
  return { ...answer.body, tokens: opened.body, as: { tenant: answer.body.organizationId, id: answer.body.userId } };
}

test.serial('whoever registers founds an organisation, runs it and can log in', async (t) => {
  const input = { email: 'Ann@Example.com', password, organizationName: 'Ann & Co' };
  const answer = await harness.request(api.register, input);
  t.is(answer.status, 201);
  t.deepEqual(answer.body.roles, ['organization-admin', 'trader']);
  const opened = await harness.request(api.login, { email: 'ann@example.com', password });
  t.is(opened.status, 200);
  t.like(opened.body, { tokenType: 'Bearer', expiresIn: 900, organizationId: answer.body.organizationId });
  const events = await harness.published();
  t.like(
    events.find(({ type }) => type === 'identity.user.registered'),
    { tenant: answer.body.organizationId, data: { email: 'ann@example.com', userId: answer.body.userId } },
  );
  t.like(
    events.find(({ type }) => type === 'identity.user.logged_in'),
    { data: { sessionId: opened.body.sessionId } },
  );
});

test.serial('an access token verifies by the published keys', async (t) => {
  const { tokens, organizationId } = await registered('verify@example.com');
  const { body: keySet } = await harness.request(api.getJwks, {});
  const { payload } = await jwtVerify(tokens.accessToken, createLocalJWKSet(keySet), {
    issuer: ACCESS_TOKEN.issuer,
    audience: ACCESS_TOKEN.audience,
  });
  t.is(payload.org, organizationId);
  t.deepEqual(Object.keys(keySet.keys[0]).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
});

test('an address is registered once, in whatever case it is written', async (t) => {
  await registered('twice@example.com');
  const again = await harness.request(api.register, { email: 'TWICE@example.com', password, organizationName: 'x' });
  t.is(again.status, 409);
  t.is(again.body.code, 'email-taken');
});

test('of two registrations of one address at once, one succeeds', async (t) => {
  const input = { email: 'race@example.com', password, organizationName: 'x' };
  const answers = await Promise.all(Array.from({ length: 4 }, () => harness.request(api.register, input)));
  t.is(answers.filter(({ status }) => status === 201).length, 1);
});

test('a short password and a missing organisation are named by their paths', async (t) => {
  const answer = await harness.request(api.register, { email: 'no', password: 'short' });
  t.is(answer.status, 400);
  t.deepEqual(answer.body.errors.map(({ path }: { path: string }) => path).sort(), [
    'email',
    'organizationName',
    'password',
  ]);
});

test('a wrong password and an unknown address answer the same 401', async (t) => {
  await registered('known@example.com');
  const wrong = await harness.request(api.login, { email: 'known@example.com', password: 'wrong' });
  const unknown = await harness.request(api.login, { email: 'unknown@example.com', password: 'wrong' });
  t.is(wrong.status, 401);
  t.is(unknown.status, 401);
  t.is(wrong.body.detail, unknown.body.detail);
});

test('after five wrong guesses the right password has to wait, and the count is in the database', async (t) => {
  await registered('guessed@example.com');
  const guess = () => harness.request(api.login, { email: 'guessed@example.com', password: 'wrong' });
  const guesses = await Promise.all(Array.from({ length: 12 }, guess));
  t.is(guesses.filter(({ status }) => status === 401).length, 5);
  t.is(guesses.filter(({ status }) => status === 429).length, 7);
  const right = await harness.request(api.login, { email: 'guessed@example.com', password });
  t.is(right.body.code, 'too-many-attempts');
  const [row] = await harness.sql`select max(failures) as failures from identity.login_attempts`;
  t.is(row?.failures, 5);
});

test('a refresh token is changed for new tokens, with the roles of now', async (t) => {
  const { tokens, userId, organizationId } = await registered('fresh@example.com');
  await harness.sql`delete from identity.role_assignments where user_id = ${userId} and role = 'trader'`;
  const answer = await harness.request(api.refresh, { refreshToken: tokens.refreshToken });
  t.is(answer.status, 200);
  t.like(answer.body, { sessionId: tokens.sessionId, userId, organizationId, roles: ['organization-admin'] });
  t.not(answer.body.refreshToken, tokens.refreshToken);
});

test('a refresh token that comes twice ends its whole session', async (t) => {
  const { tokens } = await registered('stolen@example.com');
  const first = await harness.request(api.refresh, { refreshToken: tokens.refreshToken });
  const again = await harness.request(api.refresh, { refreshToken: tokens.refreshToken });
  t.is(again.status, 401);
  t.is(again.body.code, 'invalid-refresh-token');
  const successor = await harness.request(api.refresh, { refreshToken: first.body.refreshToken });
  t.is(successor.status, 401);
  const [row] = await harness.sql`select ended_because from identity.sessions where session_id = ${tokens.sessionId}`;
  t.is(row?.ended_because, 'refresh-token-reused');
});

test('of two refreshes of one token at once, one gets tokens and then the session is over', async (t) => {
  const { tokens } = await registered('double@example.com');
  const both = await Promise.all([1, 2].map(() => harness.request(api.refresh, { refreshToken: tokens.refreshToken })));
  t.deepEqual(both.map(({ status }) => status).sort(), [200, 401]);
  const winner = both.find(({ status }) => status === 200);
  t.is((await harness.request(api.refresh, { refreshToken: winner?.body.refreshToken })).status, 401);
});

test('a refresh token that names another organisation finds nothing there', async (t) => {
  const mine = await registered('mine@example.com');
  const theirs = await registered('theirs@example.com');
  const secret = mine.tokens.refreshToken.split('.')[1];
  const answer = await harness.request(api.refresh, { refreshToken: `${theirs.organizationId}.${secret}` });
  t.is(answer.status, 401);
});

test('after logging out, the session refreshes no more, and logging out again says the same', async (t) => {
  const { tokens } = await registered('leaving@example.com');
  const input = { refreshToken: tokens.refreshToken };
  t.is((await harness.request(api.logout, input)).status, 200);
  t.is((await harness.request(api.refresh, input)).status, 401);
  t.is((await harness.request(api.logout, input)).status, 200);
});

test('people see and end their own sessions, and nobody else ends them', async (t) => {
  const { as, tokens } = await registered('sessions@example.com');
  const stranger = await registered('stranger@example.com');
  await harness.request(api.login, { email: 'sessions@example.com', password });
  const listed = await harness.request(api.getSessions, {}, { as });
  t.is(listed.body.sessions.length, 2);
  const input = { id: tokens.sessionId };
  t.is((await harness.request(api.endSession, input, { as: stranger.as })).status, 404);
  t.is((await harness.request(api.endSession, input, { as })).status, 200);
  t.is((await harness.request(api.endSession, input, { as })).status, 404);
  t.is((await harness.request(api.getSessions, {}, { as })).body.sessions.length, 1);
});

test('tokens and passwords are stored as digests only', async (t) => {
  const { tokens } = await registered('digest@example.com');
  const secret = tokens.refreshToken.split('.')[1];
  const rows = await harness.sql`
    select token_digest as text from identity.refresh_tokens union all select password_hash from identity.credentials`;
  t.false(rows.some(({ text }) => text.includes(secret) || text.includes(password)));
});

test.serial('a key that rotates is published before it signs, and open sessions go on', async (t) => {
  const { tokens } = await registered('rotate@example.com');
  const before = (await harness.request(api.getJwks, {})).body.keys.length;
  await harness.sql`update identity.signing_keys set created_at = now() - interval '1 day', active_from = now() - interval '1 day'`;
  t.is(await harness.schedule('identity-rotate-signing-keys', new Date()), 204);
  t.is(await harness.schedule('identity-rotate-signing-keys', new Date()), 204);
  const after = (await harness.request(api.getJwks, {})).body.keys;
  t.is(after.length, before + 1);
  const [{ kid } = {}] = await harness.sql`select kid from identity.signing_keys order by active_from desc limit 1`;
  const refreshed = await harness.request(api.refresh, { refreshToken: tokens.refreshToken });
  const header = JSON.parse(Buffer.from(refreshed.body.accessToken.split('.')[0], 'base64url').toString());
  t.not(header.kid, kid, 'the new key does not sign yet');
  t.true(after.some((key: { kid: string }) => key.kid === kid));
});

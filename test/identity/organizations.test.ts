import test from 'ava';
import * as api from '#contracts/identity/api.ts';
import { hashPassword } from '../../functions/identity/secrets/password.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { IDENTITY_VARIABLES } from './variables.ts';

let harness: Harness;

test.before(async () => {
  harness = await startHarness({ variables: IDENTITY_VARIABLES });
});

test.after.always(() => harness?.close());

const password = 'correct horse battery';

/** A founder, as the gateway would hand their claims on after logging in. */
async function founder(name: string) {
  const { body } = await harness.request(api.register, {
    email: `${name}@example.com`,
    password,
    organizationName: `House of ${name}`,
  });
  return { tenant: body.organizationId as string, id: body.userId as string, roles: body.roles as string[] };
}

async function colleagueOf(admin: Awaited<ReturnType<typeof founder>>, email: string, roles: string[] = ['viewer']) {
  const { body } = await harness.request(api.inviteUser, { email, roles }, { as: admin });
  const joined = await harness.request(api.register, { email, password, invitation: body.invitation });
  return { tenant: admin.tenant, id: joined.body.userId as string, roles: joined.body.roles as string[] };
}

async function administrator() {
  const { body } = await harness.request(api.login, {
    email: IDENTITY_VARIABLES.ADMIN_EMAIL,
    password: IDENTITY_VARIABLES.ADMIN_PASSWORD,
  });
  return { tenant: body.organizationId as string, id: body.userId as string, roles: body.roles as string[] };
}

test('an invited person joins the organisation with the roles of the invitation, once', async (t) => {
  const admin = await founder('inviting');
  const input = { email: 'guest@example.com', roles: ['trader'] };
  const { body } = await harness.request(api.inviteUser, input, { as: admin });
  const accept = { password, invitation: body.invitation };
  const stranger = await harness.request(api.register, { ...accept, email: 'stranger@example.com' });
  t.is(stranger.body.code, 'invitation-not-valid');
  const joined = await harness.request(api.register, { ...accept, email: 'guest@example.com' });
  t.is(joined.status, 201);
  t.deepEqual(joined.body, { userId: joined.body.userId, organizationId: admin.tenant, roles: ['trader'] });
  const opened = await harness.request(api.login, { email: 'guest@example.com', password });
  t.is(opened.body.organizationId, admin.tenant);
  const again = await harness.request(api.register, { ...accept, email: 'guest@example.com' });
  t.is(again.body.code, 'email-taken');
});

test("an administrator of the organisation changes a colleague's roles and says so", async (t) => {
  const admin = await founder('assigning');
  const colleague = await colleagueOf(admin, 'assigned@example.com');
  await harness.published();
  const answer = await harness.request(
    api.assignRoles,
    { id: colleague.id, roles: ['trader', 'viewer'] },
    { as: admin },
  );
  t.is(answer.status, 200);
  const [event] = await harness.published('identity.role.assigned');
  t.like(event, { tenant: admin.tenant, data: { userId: colleague.id, assignedBy: admin.id } });
  const profile = await harness.request(api.getProfile, {}, { as: colleague });
  t.deepEqual(profile.body.roles, ['trader', 'viewer']);
  t.is(profile.body.organization.name, 'House of assigning');
});

test('nobody changes their own roles', async (t) => {
  const admin = await founder('selfish');
  const answer = await harness.request(api.assignRoles, { id: admin.id, roles: ['viewer'] }, { as: admin });
  t.is(answer.body.code, 'own-roles');
});

test('a trader may not change roles at all', async (t) => {
  const admin = await founder('strict');
  const colleague = await colleagueOf(admin, 'trader@example.com', ['trader']);
  const answer = await harness.request(api.assignRoles, { id: admin.id, roles: [] }, { as: colleague });
  t.is(answer.status, 403);
});

test("another organisation's user is answered as one that does not exist", async (t) => {
  const admin = await founder('here');
  const other = await founder('elsewhere');
  const theirs = await harness.request(api.assignRoles, { id: other.id, roles: ['viewer'] }, { as: admin });
  const nobodys = await harness.request(api.assignRoles, { id: crypto.randomUUID(), roles: ['viewer'] }, { as: admin });
  t.is(theirs.status, 404);
  t.is(nobodys.status, 404);
  t.is(theirs.body.detail, nobodys.body.detail);
  const named = { id: other.id, roles: ['viewer'], organizationId: other.tenant };
  t.is((await harness.request(api.assignRoles, named, { as: admin })).status, 404);
});

test("only the platform's administrator makes a risk officer, in the organisation that is named", async (t) => {
  const admin = await founder('governed');
  const colleague = await colleagueOf(admin, 'officer@example.com');
  const input = { id: colleague.id, roles: ['risk-officer'] };
  const own = await harness.request(api.assignRoles, input, { as: admin });
  t.is(own.body.code, 'role-not-yours-to-give');
  const operator = await administrator();
  const unnamed = await harness.request(api.assignRoles, input, { as: operator });
  t.is(unnamed.body.code, 'organization-required');
  const named = { ...input, organizationId: admin.tenant };
  const key = { 'idempotency-key': crypto.randomUUID() };
  const given = await harness.request(api.assignRoles, named, { as: operator, headers: key });
  t.is(given.status, 200);
  t.deepEqual((await harness.request(api.assignRoles, named, { as: operator, headers: key })).body, given.body);
  const opened = await harness.request(api.login, { email: 'officer@example.com', password });
  t.deepEqual(opened.body.roles, ['risk-officer']);
});

test.serial("the administrator's address cannot be registered, and its password is the secret's", async (t) => {
  const { ADMIN_EMAIL: email } = IDENTITY_VARIABLES;
  const answer = await harness.request(api.register, { email, password, organizationName: 'x' });
  t.is(answer.body.code, 'email-taken');
  t.deepEqual((await administrator()).roles, ['market-admin', 'platform-admin']);
  const before = await hashPassword('the secret before it was rotated');
  await harness.sql`update identity.credentials set password_hash = ${before} where email = ${email}`;
  t.deepEqual((await administrator()).roles, ['market-admin', 'platform-admin']);
  const old = await harness.request(api.login, { email, password: 'the secret before it was rotated' });
  t.is(old.status, 401);
});

test('a person founds a second organisation and logs in for either', async (t) => {
  const first = await founder('twofold');
  const second = await harness.request(api.createOrganization, { name: 'Second House' }, { as: first });
  t.is(second.status, 201);
  const { organizationId } = second.body;
  const listed = await harness.request(api.getOrganizations, {}, { as: first });
  t.deepEqual(
    listed.body.organizations.map(({ name }: { name: string }) => name),
    ['House of twofold', 'Second House'],
  );
  const credentials = { email: 'twofold@example.com', password };
  t.is((await harness.request(api.login, credentials)).body.organizationId, first.tenant);
  t.is((await harness.request(api.login, { ...credentials, organizationId })).body.organizationId, organizationId);
  const stranger = await founder('outside');
  const refused = await harness.request(api.login, { ...credentials, organizationId: stranger.tenant });
  t.is(refused.status, 401);
});

test('preferences change by version', async (t) => {
  const person = await founder('choosy');
  const input = { preferences: { theme: 'dark', timeZone: 'Asia/Kolkata' } };
  t.is((await harness.request(api.changePreferences, input, { as: person })).status, 428);
  const headers = { 'if-match': '"1"' };
  const changed = await harness.request(api.changePreferences, input, { as: person, headers });
  t.is(changed.headers.get('etag'), '"2"');
  t.deepEqual(changed.body.preferences, input.preferences);
  t.is((await harness.request(api.changePreferences, input, { as: person, headers })).status, 412);
});

test('the login role sees no row of another organisation, nor any without one, and neither does the owner', async (t) => {
  const mine = await founder('rowmine');
  const theirs = await founder('rowtheirs');
  await harness.request(api.login, { email: 'rowtheirs@example.com', password });
  await harness.request(api.inviteUser, { email: 'x@example.com', roles: [] }, { as: theirs });
  const tables = ['organizations', 'users', 'role_assignments', 'sessions', 'refresh_tokens', 'invitations'];
  for (const role of ['identity', 'identity_owner']) {
    for (const table of tables) {
      const seen = await harness.sql.begin(async (sql) => {
        await sql.unsafe(`set local role ${role}`);
        const none = await sql.unsafe(`select 1 from identity.${table}`);
        await sql`select set_config('app.tenant', ${mine.tenant}, true)`;
        const foreign = await sql.unsafe(`select 1 from identity.${table} where tenant = '${theirs.tenant}'`);
        const changed = await sql.unsafe(`delete from identity.${table} where tenant = '${theirs.tenant}'`);
        return none.length + foreign.length + changed.count;
      });
      t.is(seen, 0, `${role} on ${table}`);
    }
    const insert = harness.sql.begin(async (sql) => {
      await sql.unsafe(`set local role ${role}`);
      await sql`select set_config('app.tenant', ${mine.tenant}, true)`;
      await sql`insert into identity.users (tenant, user_id, email, registered_at)
        values (${theirs.tenant}, ${crypto.randomUUID()}, 'x', now())`;
    });
    await t.throwsAsync(insert, { message: /row-level security/ });
  }
});

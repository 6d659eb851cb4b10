import test from 'ava';
import {
  ABORTED,
  ALREADY_EXISTS,
  FAILED_PRECONDITION,
  INVALID_ARGUMENT,
  local,
  NOT_FOUND,
  PROJECT,
  secretOf,
  temporaryFolder,
  textOf,
  UNIMPLEMENTED,
} from './support.ts';

test('a secret is created, read, listed, updated by mask and deleted with its versions', async (t) => {
  const cloud = await local(t);
  const { client } = cloud;
  const name = await secretOf(cloud, 'api-key', ['one'], { labels: { team: 'risk' } });
  t.is(name, `${PROJECT}/secrets/api-key`);
  const [read] = await client.getSecret({ name });
  t.like(read, { name, labels: { team: 'risk' } });
  t.truthy(read.replication?.automatic);
  t.is(Number(read.createTime?.seconds), Date.parse('2026-01-05T09:00:00Z') / 1000);
  const [updated] = await client.updateSecret({
    secret: { name, labels: { team: 'ai' }, annotations: { a: 'b' } },
    updateMask: { paths: ['labels'] },
  });
  t.deepEqual([updated.labels, updated.annotations], [{ team: 'ai' }, {}]);
  t.deepEqual(
    (await client.listSecrets({ parent: PROJECT }))[0].map((secret) => secret.name),
    [name],
  );
  await client.deleteSecret({ name });
  await t.throwsAsync(client.getSecret({ name }), { ...NOT_FOUND, message: /Secret \[.*\] not found/ });
  await secretOf(cloud, 'api-key', ['anew']);
  t.is(await textOf(cloud, `${name}/versions/1`), 'anew');
});

test('a name is taken once, and has letters, digits, hyphens and underscores', async (t) => {
  const cloud = await local(t);
  await secretOf(cloud, 'key');
  await t.throwsAsync(secretOf(cloud, 'key'), ALREADY_EXISTS);
  for (const id of ['', 'a.b', 'x'.repeat(256)]) await t.throwsAsync(secretOf(cloud, id), INVALID_ARGUMENT, id);
});

test('a global secret has a replication policy, a regional one must not', async (t) => {
  const cloud = await local(t);
  await t.throwsAsync(secretOf(cloud, 'key', [], { replication: null }), INVALID_ARGUMENT);
  const parent = `${PROJECT}/locations/europe-west3`;
  const replication = { automatic: {} };
  await t.throwsAsync(
    cloud.client.createSecret({ parent, secretId: 'key', secret: { replication } }),
    INVALID_ARGUMENT,
  );
  const [secret] = await cloud.client.createSecret({ parent, secretId: 'key', secret: {} });
  t.is(secret.name, `${parent}/secrets/key`);
  t.deepEqual((await cloud.client.listSecrets({ parent: PROJECT }))[0], []);
});

test('labels, annotations and aliases keep to their documented patterns', async (t) => {
  const cloud = await local(t);
  for (const wrong of [
    { labels: { Upper: 'x' } },
    { labels: { key: 'Value' } },
    { labels: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, ''])) },
    { annotations: { '-x': 'y' } },
    { annotations: { x: 'y'.repeat(16 * 1024) } },
    { versionAliases: { prod: 1 } },
  ])
    await t.throwsAsync(secretOf(cloud, 'key', [], wrong), INVALID_ARGUMENT, JSON.stringify(wrong).slice(0, 80));
});

test('what would need Pub/Sub is refused, not ignored', async (t) => {
  const cloud = await local(t);
  await t.throwsAsync(secretOf(cloud, 'key', [], { topics: [{ name: `${PROJECT}/topics/t` }] }), UNIMPLEMENTED);
  await t.throwsAsync(secretOf(cloud, 'key', [], { rotation: { rotationPeriod: { seconds: 3600 } } }), UNIMPLEMENTED);
});

test('an etag that is given must be the current one, and every update makes a new one', async (t) => {
  const cloud = await local(t);
  const { client } = cloud;
  const name = await secretOf(cloud, 'key');
  const [first] = await client.getSecret({ name });
  const change = { labels: { a: 'b' }, name, etag: first.etag ?? '' };
  t.regex(first.etag ?? '', /^".+"$/);
  const [second] = await client.updateSecret({ secret: change, updateMask: { paths: ['labels'] } });
  t.not(second.etag, first.etag);
  const updateMask = { paths: ['labels'] };
  await t.throwsAsync(client.updateSecret({ secret: change, updateMask }), FAILED_PRECONDITION);
  await t.throwsAsync(client.deleteSecret({ name, etag: first.etag ?? '' }), FAILED_PRECONDITION);
  await client.addSecretVersion({ parent: name, payload: { data: Buffer.from('x') } });
  await client.deleteSecret({ name, etag: second.etag ?? '' });
});

test('a secret expires when its time to live has passed, versions and all', async (t) => {
  const cloud = await local(t);
  const name = await secretOf(cloud, 'key', ['x'], { ttl: { seconds: 3600 } });
  const [secret] = await cloud.client.getSecret({ name });
  t.is(Number(secret.expireTime?.seconds), Date.parse('2026-01-05T10:00:00Z') / 1000);
  cloud.sleep(3_599_000);
  t.is(await textOf(cloud, `${name}/versions/1`), 'x');
  cloud.sleep(1_000);
  await t.throwsAsync(cloud.client.accessSecretVersion({ name: `${name}/versions/1` }), NOT_FOUND);
  t.deepEqual((await cloud.client.listSecrets({ parent: PROJECT }))[0], []);
  await t.throwsAsync(secretOf(cloud, 'late', [], { expireTime: { seconds: 1 } }), INVALID_ARGUMENT);
});

test('an expiry is moved and taken away by updates', async (t) => {
  const cloud = await local(t);
  const name = await secretOf(cloud, 'key', [], { ttl: { seconds: 60 } });
  await cloud.client.updateSecret({ secret: { name, ttl: { seconds: 600 } }, updateMask: { paths: ['ttl'] } });
  cloud.sleep(61_000);
  await cloud.client.updateSecret({ secret: { name }, updateMask: { paths: ['expire_time'] } });
  cloud.sleep(3_600_000);
  t.falsy((await cloud.client.getSecret({ name }))[0].expireTime);
});

test('lists come in pages and are filtered by name, label and state', async (t) => {
  const cloud = await local(t);
  const { client } = cloud;
  for (const id of ['a-price', 'b-price', 'c-key']) await secretOf(cloud, id, [], { labels: { kind: id.slice(2) } });
  const ids = async (filter: string) => {
    const [secrets] = await client.listSecrets({ parent: PROJECT, filter });
    return secrets.map(({ name }) => name?.split('/').at(-1));
  };
  t.deepEqual(await ids('name:price'), ['a-price', 'b-price']);
  t.deepEqual(await ids('labels.kind=key'), ['c-key']);
  t.deepEqual(await ids('labels.kind=price AND -name:"b-"'), ['a-price']);
  await t.throwsAsync(ids('colour=red'), INVALID_ARGUMENT);
  const [page, , response] = await client.listSecrets({ parent: PROJECT, pageSize: 2 }, { autoPaginate: false });
  t.deepEqual([page.length, response.totalSize], [2, 3]);
});

test('a policy starts empty, is set, and is refused when it was changed meanwhile', async (t) => {
  const cloud = await local(t);
  const resource = await secretOf(cloud, 'key');
  const [empty] = await cloud.client.getIamPolicy({ resource });
  t.deepEqual(empty.bindings, []);
  const bindings = [{ role: 'roles/secretmanager.secretAccessor', members: ['user:a@example.com'] }];
  await cloud.client.setIamPolicy({ resource, policy: { bindings, etag: empty.etag ?? '' } });
  t.like((await cloud.client.getIamPolicy({ resource }))[0].bindings?.[0], bindings[0] ?? {});
  await t.throwsAsync(cloud.client.setIamPolicy({ resource, policy: { bindings, etag: empty.etag ?? '' } }), ABORTED);
  const permissions = ['secretmanager.versions.access'];
  t.deepEqual((await cloud.client.testIamPermissions({ resource, permissions }))[0].permissions, permissions);
});

test('everything is there again after a restart', async (t) => {
  const folder = temporaryFolder(t);
  const before = await local(t, folder);
  const name = await secretOf(before, 'key', ['one', 'two'], { labels: { a: 'b' } });
  await before.client.disableSecretVersion({ name: `${name}/versions/1` });
  const gone = await secretOf(before, 'gone', ['x']);
  await before.client.deleteSecret({ name: gone });
  await before.close();
  const after = await local(t, folder);
  t.is(await textOf(after, `${name}/versions/latest`), 'two');
  t.deepEqual((await after.client.getSecret({ name }))[0].labels, { a: 'b' });
  await t.throwsAsync(after.client.accessSecretVersion({ name: `${name}/versions/1` }), FAILED_PRECONDITION);
  await t.throwsAsync(after.client.getSecret({ name: gone }), NOT_FOUND);
});

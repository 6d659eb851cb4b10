import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { crc32c } from '@node-rs/crc32';
import test from 'ava';
import { PassThroughClient } from 'google-auth-library';
import { FAILED_PRECONDITION, INVALID_ARGUMENT, local, NOT_FOUND, PROJECT, secretOf, textOf } from './support.ts';

test('versions are numbered from 1, listed newest first, and latest is the newest', async (t) => {
  const cloud = await local(t);
  const name = await secretOf(cloud, 'key', ['one', 'two', 'three']);
  t.is(await textOf(cloud, `${name}/versions/2`), 'two');
  t.is(await textOf(cloud, `${name}/versions/latest`), 'three');
  const [versions] = await cloud.client.listSecretVersions({ parent: name });
  t.deepEqual(
    versions.map((version) => version.name),
    [3, 2, 1].map((number) => `${name}/versions/${number}`),
  );
  t.is(versions[0]?.state, 'ENABLED');
  t.truthy(versions[0]?.replicationStatus?.automatic);
});

test('latest is the newest version whatever its state, and not there without versions', async (t) => {
  const cloud = await local(t);
  const name = await secretOf(cloud, 'key', ['one', 'two']);
  await cloud.client.disableSecretVersion({ name: `${name}/versions/2` });
  await t.throwsAsync(cloud.client.accessSecretVersion({ name: `${name}/versions/latest` }), {
    ...FAILED_PRECONDITION,
    message: /versions\/2\] is in DISABLED state/,
  });
  const empty = await secretOf(cloud, 'empty');
  await t.throwsAsync(cloud.client.accessSecretVersion({ name: `${empty}/versions/latest` }), NOT_FOUND);
  await t.throwsAsync(cloud.client.accessSecretVersion({ name: `${name}/versions/9` }), NOT_FOUND);
});

test('a disabled version is enabled again, a destroyed one never', async (t) => {
  const cloud = await local(t);
  const { client } = cloud;
  const name = `${await secretOf(cloud, 'key', ['one'])}/versions/1`;
  t.is((await client.disableSecretVersion({ name }))[0].state, 'DISABLED');
  t.is((await client.enableSecretVersion({ name }))[0].state, 'ENABLED');
  t.is(await textOf(cloud, name), 'one');
  const [destroyed] = await client.destroySecretVersion({ name });
  t.is(destroyed.state, 'DESTROYED');
  t.truthy(destroyed.destroyTime);
  for (const call of ['enableSecretVersion', 'disableSecretVersion', 'destroySecretVersion'] as const)
    await t.throwsAsync(client[call]({ name }), FAILED_PRECONDITION, call);
  await t.throwsAsync(client.accessSecretVersion({ name }), { message: /DESTROYED/ });
});

test('an etag of a version is not the one of its secret, and guards its state', async (t) => {
  const cloud = await local(t);
  const { client } = cloud;
  const name = `${await secretOf(cloud, 'key', ['one'])}/versions/1`;
  const [{ etag: first }] = await client.getSecretVersion({ name });
  await client.enableSecretVersion({ name, etag: first ?? '' });
  await t.throwsAsync(client.disableSecretVersion({ name, etag: first ?? '' }), FAILED_PRECONDITION);
});

test('a payload has its checksum, and one that was damaged on its way is refused', async (t) => {
  const cloud = await local(t);
  const { client } = cloud;
  const parent = await secretOf(cloud, 'key');
  const data = Buffer.from('s3cret');
  const [version] = await client.addSecretVersion({ parent, payload: { data, dataCrc32c: crc32c(data) } });
  t.true(version.clientSpecifiedPayloadChecksum);
  const [{ payload }] = await client.accessSecretVersion({ name: version.name ?? '' });
  t.is(Number(payload?.dataCrc32c), crc32c(data));
  await t.throwsAsync(client.addSecretVersion({ parent, payload: { data, dataCrc32c: 1 } }), INVALID_ARGUMENT);
});

test('a payload has between 1 byte and 64 KiB', async (t) => {
  const cloud = await local(t);
  const parent = await secretOf(cloud, 'key');
  const add = (bytes: number) => cloud.client.addSecretVersion({ parent, payload: { data: Buffer.alloc(bytes, 1) } });
  await t.notThrowsAsync(add(64 * 1024));
  await t.throwsAsync(add(64 * 1024 + 1), INVALID_ARGUMENT);
  await t.throwsAsync(add(0), INVALID_ARGUMENT);
});

test('an alias names a version that there is', async (t) => {
  const cloud = await local(t);
  const { client } = cloud;
  const name = await secretOf(cloud, 'key', ['one', 'two']);
  const alias = (versionAliases: Record<string, number>) =>
    client.updateSecret({ secret: { name, versionAliases }, updateMask: { paths: ['version_aliases'] } });
  await alias({ prod: 1, next: 2 });
  t.is(await textOf(cloud, `${name}/versions/prod`), 'one');
  t.is((await client.getSecretVersion({ name: `${name}/versions/next` }))[0].name, `${name}/versions/2`);
  await t.throwsAsync(alias({ prod: 3 }), FAILED_PRECONDITION);
  await t.throwsAsync(alias({ latest: 1 }), INVALID_ARGUMENT);
  await t.throwsAsync(client.accessSecretVersion({ name: `${name}/versions/test` }), NOT_FOUND);
});

test('with a delay, a destroyed version is disabled first, and comes back when it is enabled in time', async (t) => {
  const cloud = await local(t);
  const { client } = cloud;
  const day = 24 * 3600;
  const secret = await secretOf(cloud, 'key', ['one', 'two'], { versionDestroyTtl: { seconds: day } });
  const [one, two] = [`${secret}/versions/1`, `${secret}/versions/2`];
  const [waiting] = await client.destroySecretVersion({ name: one });
  t.is(waiting.state, 'DISABLED');
  t.truthy(waiting.scheduledDestroyTime);
  await client.destroySecretVersion({ name: two });
  await client.enableSecretVersion({ name: two });
  cloud.sleep(day * 1000);
  t.is((await client.getSecretVersion({ name: one }))[0].state, 'DESTROYED');
  t.is(await textOf(cloud, two), 'two');
  await t.throwsAsync(secretOf(cloud, 'short', [], { versionDestroyTtl: { seconds: 60 } }), INVALID_ARGUMENT);
});

test('the same over REST, with plain fetch and with the official client', async (t) => {
  const { port } = await local(t);
  const base = `http://127.0.0.1:${port}/v1/${PROJECT}/secrets`;
  const post = async (url: string, body: object) =>
    (await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()) as Record<string, unknown>;
  await post(`${base}?secretId=key`, { replication: { automatic: {} } });
  const data = Buffer.from('s3cret').toString('base64');
  t.like(await post(`${base}/key:addVersion`, { payload: { data } }), { state: 'ENABLED' });
  t.deepEqual(await (await fetch(`${base}/key/versions/latest:access`)).json(), {
    name: `${PROJECT}/secrets/key/versions/1`,
    payload: { data, dataCrc32c: String(crc32c(Buffer.from('s3cret'))) },
  });
  const client = new SecretManagerServiceClient({
    fallback: true,
    protocol: 'http',
    apiEndpoint: '127.0.0.1',
    port,
    projectId: 'millrace-test',
    authClient: new PassThroughClient(),
  });
  const [{ payload }] = await client.accessSecretVersion({ name: `${PROJECT}/secrets/key/versions/1` });
  t.is(Buffer.from(payload?.data ?? '').toString(), 's3cret');
  await t.throwsAsync(client.getSecret({ name: `${PROJECT}/secrets/none` }), NOT_FOUND);
});

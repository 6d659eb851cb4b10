import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Firestore } from '@google-cloud/firestore';
import { v1 } from '@google-cloud/pubsub';
import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { Storage } from '@google-cloud/storage';
import { credentials } from '@grpc/grpc-js';
import test from 'ava';
import { administratorsClient, asAdministrator } from '../../emulators/cloud/administrator.ts';
import { type Cloud, startCloud } from '../../emulators/cloud/cloud.ts';
import { openControl } from '../../emulators/cloud/control.ts';
import { idTokenSource } from '../../emulators/identity/id-token-source.ts';
import { cloudAccess, newPlace, optionsFor } from '../journeys/support/access.ts';
import { openDesk } from '../journeys/support/desk.ts';

const PERMISSION_DENIED = 7;
const BUILD_AND_START_MS = 180_000;

const place = await newPlace();
let cloud: Cloud;

test.before(async (t) => {
  t.timeout(BUILD_AND_START_MS);
  cloud = await startCloud(optionsFor(place, { isolate: true }));
});

test.after.always(async () => {
  await cloud?.stop();
  await place.forget();
});

/** An identity token of the service account that a function runs as. */
function tokenOf(functionName: string, audience: string): Promise<string> {
  const account = cloud.plan.functions.find(({ name }) => name === functionName)?.serviceAccount ?? '';
  return idTokenSource({ identityUrl: `http://127.0.0.1:${place.ports.identity}`, serviceAccount: account })(audience);
}

test('a user is registered and granted a role through bundles, each in a process of its own', async (t) => {
  const access = await cloudAccess(place);
  try {
    const desk = await openDesk({
      ...access,
      quiet: () => Promise.resolve(),
      sweep: () => Promise.resolve(),
      kill: () => Promise.resolve(),
    });
    t.truthy(desk.tenant);
    const [sent] = await access.sql`select count(*)::int as left from identity.outbox`;
    t.is(sent?.left, 0);
  } finally {
    await access.close();
  }
});

test('a context publishes what it declares, and nothing else', async (t) => {
  const token = await tokenOf('portfolio-on-order-filled', 'pubsub');
  const headers = { otherArgs: { headers: { authorization: `Bearer ${token}` } } };
  const client = administratorsClient(cloud.plan.project, place.ports.pubsub, headers);
  t.teardown(() => client.close());
  const publishTo = (topic: string) =>
    client.topic(topic, { gaxOpts: headers }).publishMessage({ data: Buffer.from('{}') });
  await t.throwsAsync(publishTo('identity.user.registered.v1'), { code: PERMISSION_DENIED } as object);
  await t.notThrowsAsync(publishTo('portfolio.position.opened.v1'));
});

test('a context without a grant on the document store reads and writes nothing there', async (t) => {
  const store = async (functionName: string) => {
    const Authorization = `Bearer ${await tokenOf(functionName, 'firestore')}`;
    const host = `127.0.0.1:${place.ports.firestore}`;
    const opened = new Firestore({ projectId: cloud.plan.project, host, ssl: false, customHeaders: { Authorization } });
    t.teardown(() => opened.terminate());
    return opened;
  };
  const risk = await store('risk-on-policy-changed');
  const market = await store('market-on-price-update');
  await risk.doc('policies/example').set({ version: 1 });
  await t.throwsAsync(market.doc('policies/example').get(), { code: PERMISSION_DENIED } as object);
  await t.throwsAsync(market.doc('policies/example').set({ version: 2 }), { code: PERMISSION_DENIED } as object);
});

test('a function is invoked by whom the graph names, and by nobody else', async (t) => {
  const audience = `http://127.0.0.1:${place.ports.host}/portfolio-list-positions`;
  const answer = await fetch(`${audience}/v1/positions`, {
    headers: { authorization: `Bearer ${await tokenOf('market-on-price-update', audience)}` },
  });
  t.is(answer.status, 403);
});

test('the secrets of the graph are served with the values that functions are started with', async (t) => {
  const client = new SecretManagerServiceClient({
    servicePath: '127.0.0.1',
    port: place.ports['secret-manager'],
    sslCreds: credentials.createInsecure(),
    projectId: cloud.plan.project,
  });
  t.teardown(() => client.close());
  const [secrets] = await client.listSecrets({ parent: `projects/${cloud.plan.project}` });
  t.deepEqual(secrets.map(({ name }) => name?.split('/').at(-1)).sort(), Object.keys(cloud.plan.secrets).sort());
  const valueIn = async (secret: string) => {
    const name = `projects/${cloud.plan.project}/secrets/${secret}/versions/latest`;
    const [{ payload }] = await client.accessSecretVersion({ name });
    return Buffer.from(payload?.data ?? '').toString();
  };
  t.is(await valueIn('ADMIN_PASSWORD'), cloud.secrets.variables.ADMIN_PASSWORD ?? '');
  t.is(await valueIn('database-risk'), cloud.plan.secrets['database-risk'] ?? '');
});

test('a context whose functions make signed URLs may sign as itself, and nobody else as it', async (t) => {
  const [account = ''] = Object.keys(cloud.plan.signers).filter((each) => cloud.plan.signers[each]?.includes(each));
  const other = cloud.plan.functions.find(({ context }) => context === 'market')?.serviceAccount ?? '';
  const origin = `http://127.0.0.1:${place.ports.identity}`;
  const signAs = async (caller: string) => {
    const token = await fetch(`${origin}/computeMetadata/v1/instance/service-accounts/${caller}/token`, {
      headers: { 'metadata-flavor': 'Google' },
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const answer = await fetch(`${origin}/v1/projects/-/serviceAccounts/${account}:signBlob`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
      body: JSON.stringify({ payload: Buffer.from('text').toString('base64') }),
    });
    return answer.status;
  };
  t.is(await signAs(account), 200);
  t.is(await signAs(other), 403);
});

// Before another test kills Cloud Storage.
test.serial('what a bucket tells is published as Cloud Storage, whom the graph lets', async (t) => {
  const [told] = cloud.plan.notifications;
  if (told === undefined) return t.fail('the graph has a bucket that tells of its objects');
  const administrator = await asAdministrator(cloud.plan, `http://127.0.0.1:${place.ports.identity}`);
  const client = administratorsClient(cloud.plan.project, place.ports.pubsub, administrator);
  t.teardown(() => client.close());
  await client.topic(told.topic).createSubscription('demo-told');
  const storage = new Storage({
    apiEndpoint: `http://127.0.0.1:${place.ports.storage}`,
    projectId: cloud.plan.project,
  });
  await storage.bucket(told.bucket).file('of nobody').save('x', { resumable: false });
  const subscriber = new v1.SubscriberClient({
    servicePath: '127.0.0.1',
    port: place.ports.pubsub,
    sslCreds: credentials.createInsecure(),
  });
  t.teardown(() => subscriber.close());
  const subscription = `projects/${cloud.plan.project}/subscriptions/demo-told`;
  const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: 1 }, administrator);
  t.is(receivedMessages?.[0]?.message?.attributes?.objectId, 'of nobody');
});

test('a job of the graph runs from its bundle', async (t) => {
  const [job] = cloud.plan.jobs;
  if (job === undefined) return t.fail('the graph has a job');
  const url = `http://127.0.0.1:${place.ports.run}/v2/projects/${cloud.plan.project}/locations/${job.region}/jobs/${job.name}`;
  const env = [
    { name: 'JOB_INPUT', value: '[]' },
    { name: 'JOB_CLIENT_ID', value: 'nobody' },
  ];
  const started = await fetch(`${url}:run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ overrides: { containerOverrides: [{ env }] } }),
  });
  const { metadata } = (await started.json()) as { metadata: { name: string } };
  const execution = async () =>
    (await (await fetch(`${new URL(url).origin}/v2/${metadata.name}`)).json()) as Record<string, unknown>;
  while ((await execution()).completionTime === undefined) await delay(100);
  const { failedCount, logUri } = await execution();
  t.is(failedCount, 1);
  const [attempt = ''] = await readdir(new URL(String(logUri)));
  t.regex(await readFile(join(fileURLToPath(String(logUri)), attempt), 'utf8'), /the input does not fit/);
});

test.serial('the buckets of the graph are there, public or not as it says', async (t) => {
  const storage = new Storage({
    apiEndpoint: `http://127.0.0.1:${place.ports.storage}`,
    projectId: cloud.plan.project,
  });
  const [buckets] = await storage.getBuckets();
  const prevention = new Map(
    buckets.map(({ name, metadata }) => [name, metadata.iamConfiguration?.publicAccessPrevention]),
  );
  for (const { name, public: isPublic } of cloud.plan.buckets)
    t.is(prevention.get(name), isPublic ? 'inherited' : 'enforced', name);
  t.is(buckets.length, cloud.plan.buckets.length);
});

test('the control port arms faults and moves the clock, and a service that is started again keeps the time', async (t) => {
  const control = await openControl(cloud);
  t.teardown(() => control.close());
  const send = (path: string, body: object) =>
    fetch(`http://127.0.0.1:${place.ports.control}/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const bucket = `http://127.0.0.1:${place.ports.storage}/storage/v1/b`;
  t.is(
    (await send('faults', { service: 'storage', method: 'storage.buckets.get', kind: 'error', code: 503 })).status,
    200,
  );
  t.is((await fetch(`${bucket}/millrace-local-jwks`)).status, 503);
  t.is((await send('clock', { advanceSeconds: 3_600 })).status, 200);
  t.is((await send('kill/storage', {})).status, 200);
  await cloud.steered.storage?.ready();
  const made = await fetch(`${bucket}?project=${cloud.plan.project}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'made-later' }),
  });
  const { timeCreated } = (await made.json()) as { timeCreated: string };
  t.true(Date.parse(timeCreated) > Date.now() + 3_500_000);
  t.is((await fetch(`${bucket}/millrace-local-jwks`)).status, 200);
});

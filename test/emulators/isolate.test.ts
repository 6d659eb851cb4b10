import { Firestore } from '@google-cloud/firestore';
import test from 'ava';
import { administratorsClient } from '../../emulators/cloud/administrator.ts';
import { type Cloud, startCloud } from '../../emulators/cloud/cloud.ts';
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

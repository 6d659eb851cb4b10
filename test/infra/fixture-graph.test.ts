import { join } from 'node:path';
import test from 'ava';
import { collectManifest } from '#core/manifest.ts';
import { collectGraph } from '../../infra/graph.ts';
import { localPlan } from '../../infra/local-plan.ts';
import type { Resource } from '../../infra/recorder.ts';

const FUNCTIONS = join(import.meta.dirname, 'fixtures', 'functions');
const CONFIG = { hostPort: 9000, producers: {}, variables: { shop: { TILL: 'left' } } };
const email = (id: string) => `${id}@millrace-local.iam.gserviceaccount.com`;

const graph = () => collectGraph({ environment: 'local', functionsFolder: FUNCTIONS, config: CONFIG });
const plan = async () => localPlan(await graph(), await collectManifest(FUNCTIONS));

const grants = (resources: readonly Resource[]) =>
  resources
    .filter(({ inputs }) => typeof inputs.member === 'string' && typeof inputs.role === 'string')
    .map(({ inputs }) => {
      const on = inputs.topic ?? inputs.subscription ?? inputs.secretId ?? inputs.bucket ?? inputs.name;
      return `${String(inputs.member).replace(/@.*/, '')} ${inputs.role} ${on ?? inputs.serviceAccountId ?? 'project'}`;
    })
    .sort();

test.serial('every grant there is follows from a declaration', async (t) => {
  const all = grants(await graph());
  const of = (account: string) => all.filter((grant) => grant.startsWith(`serviceAccount:${account} `));
  t.deepEqual(of('context-shop'), [
    'serviceAccount:context-shop roles/cloudsql.client project',
    'serviceAccount:context-shop roles/logging.logWriter project',
    'serviceAccount:context-shop roles/pubsub.publisher shop.order.placed.v1',
    'serviceAccount:context-shop roles/run.invoker stock-get-stock',
    'serviceAccount:context-shop roles/secretmanager.secretAccessor database-shop',
    'serviceAccount:context-shop roles/secretmanager.secretAccessor database-shop-outbox',
    'serviceAccount:context-shop roles/secretmanager.secretAccessor payment-key',
    'serviceAccount:context-shop roles/telemetry.tracesWriter project',
  ]);
  t.deepEqual(of('context-stock'), [
    'serviceAccount:context-stock roles/cloudsql.client project',
    'serviceAccount:context-stock roles/datastore.user project',
    'serviceAccount:context-stock roles/logging.logWriter project',
    'serviceAccount:context-stock roles/pubsub.publisher platform.event.parked.v1',
    'serviceAccount:context-stock roles/pubsub.publisher stock.count.taken.v2',
    'serviceAccount:context-stock roles/secretmanager.secretAccessor database-stock',
    'serviceAccount:context-stock roles/secretmanager.secretAccessor database-stock-outbox',
    'serviceAccount:context-stock roles/storage.objectUser millrace-local-pictures',
    'serviceAccount:context-stock roles/telemetry.tracesWriter project',
  ]);
  t.deepEqual(of('gateway'), ['serviceAccount:gateway roles/run.invoker shop-place-order']);
  t.deepEqual(of('push-stock'), ['serviceAccount:push-stock roles/run.invoker stock-on-order-placed']);
  t.deepEqual(of('push-shop'), []);
  t.deepEqual(of('scheduler'), [
    'serviceAccount:scheduler roles/run.invoker shop-sweep',
    'serviceAccount:scheduler roles/run.invoker stock-count',
  ]);
});

test.serial('a function is deployed as its declaration says', async (t) => {
  const found = (await plan()).functions.find(({ name }) => name === 'shop-place-order');
  const { env, ...rest } = found ?? { env: {} };
  t.deepEqual(rest, {
    name: 'shop-place-order',
    context: 'shop',
    file: 'shop/place-order.ts',
    kind: 'http',
    serviceAccount: email('context-shop'),
    calls: { 'GET /internal/stock/{article}': 'stock-get-stock' },
    timeoutSeconds: 30,
    memoryMiB: 1024,
    concurrency: 20,
    minInstances: 0,
    maxInstances: 1,
    invokers: [email('gateway')],
  });
  const { DATABASE_PASSWORD, DATABASE_OUTBOX_PASSWORD, PAYMENT_KEY, ...plain } = env as Record<string, string>;
  t.deepEqual(plain, {
    ENVIRONMENT: 'local',
    GOOGLE_CLOUD_PROJECT: 'millrace-local',
    NODE_ENV: 'production',
    REGION: 'europe-west1',
    SERVICE_ACCOUNT: email('context-shop'),
    DATABASE_HOST: '127.0.0.1',
    DATABASE_PORT: '5432',
    DATABASE_NAME: 'millrace',
    DATABASE_USER: 'shop',
    DATABASE_OUTBOX_USER: 'shop_outbox',
    DATABASE_MAX_CONNECTIONS: '8',
    DATABASE_NAMED_STATEMENTS: 'true',
    ADDRESSES: '{"stock-get-stock":"http://127.0.0.1:9000/stock-get-stock"}',
    TILL: 'left',
  });
  const distinct = new Set([DATABASE_PASSWORD, DATABASE_OUTBOX_PASSWORD, PAYMENT_KEY]);
  t.is(distinct.size, 3, 'each password is its own');
  for (const secret of distinct) t.is(secret?.length, 43);
});

test.serial(
  'a consumer is pushed to with its own identity, in order, and its failures end in dead letters',
  async (t) => {
    const { subscriptions, topics, schedules, firestore, contexts, buckets } = await plan();
    t.deepEqual(subscriptions, [
      {
        name: 'dead-letters',
        topic: 'dead-letters',
        ordered: false,
        retry: { minSeconds: 0, maxSeconds: 0 },
        ackDeadlineSeconds: 10,
        retentionSeconds: 2_678_400,
        filter: '',
      },
      {
        name: 'stock-on-order-placed',
        topic: 'shop.order.placed.v1',
        function: 'stock-on-order-placed',
        pushEndpoint: 'http://127.0.0.1:9000/stock-on-order-placed',
        serviceAccount: email('push-stock'),
        audience: 'http://127.0.0.1:9000/stock-on-order-placed',
        ordered: true,
        retry: { minSeconds: 0.1, maxSeconds: subscriptions[1]?.retry.maxSeconds ?? 0 },
        deadLetter: { topic: 'dead-letters', maxAttempts: 100 },
        ackDeadlineSeconds: 120,
        retentionSeconds: 604_800,
        filter: '',
      },
    ]);
    t.deepEqual(
      topics.map(({ name, schema }) => [name, schema?.startsWith('syntax = "proto3";')]),
      [
        ['dead-letters', undefined],
        ['platform.event.parked.v1', true],
        ['shop.order.placed.v1', true],
        ['stock.count.taken.v2', true],
      ],
    );
    t.deepEqual(
      schedules.map(({ name, cron, function: called, serviceAccount }) => ({ name, cron, called, serviceAccount })),
      [
        { name: 'shop-sweep', cron: '* * * * *', called: 'shop-sweep', serviceAccount: email('scheduler') },
        { name: 'stock-count', cron: '0 3 * * *', called: 'stock-count', serviceAccount: email('scheduler') },
      ],
    );
    t.deepEqual(firestore, { writers: [email('context-stock')], readers: [], indexes: [] });
    t.deepEqual(contexts, [
      { name: 'shop', loginRole: 'shop', outboxRole: 'shop_outbox' },
      { name: 'stock', loginRole: 'stock', outboxRole: 'stock_outbox' },
    ]);
    t.deepEqual(
      buckets.find(({ name }) => name.endsWith('pictures')),
      {
        name: 'millrace-local-pictures',
        public: false,
        writers: [email('context-stock')],
        readers: [],
        versioned: true,
        cors: [],
      },
    );
  },
);

test.serial('the plan is plain JSON', async (t) => {
  const planned = await plan();
  t.deepEqual(JSON.parse(JSON.stringify(planned)), planned);
});

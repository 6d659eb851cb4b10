import { join } from 'node:path';
import test from 'ava';
import { collectManifest, type Manifest } from '#core/manifest.ts';
import { type Compute, computeOf, connectionDemand, OUTBOX_CONNECTIONS } from '../../infra/components/compute.ts';
import { JOB_CONNECTIONS } from '../../infra/components/jobs.ts';
import { collectGraph } from '../../infra/graph.ts';
import * as planned from '../../infra/planned-resources.ts';
import type { Resource } from '../../infra/recorder.ts';
import type { Settings } from '../../infra/settings.ts';

const STACKS = ['dev', 'staging', 'production'] as const;
const SECRETS = {
  secrets: { ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: 'pass', SIGNING_KEY_ENCRYPTION_KEY: 'k' },
};
const SEED = 'seed-that-must-not-show';

let manifest: Manifest;
const graphs = new Map<string, Resource[]>();

test.before(async () => {
  manifest = await collectManifest(join(import.meta.dirname, '..', '..', 'functions'));
  for (const environment of STACKS) {
    graphs.set(environment, await collectGraph({ environment, config: { ...SECRETS, passwordSeed: SEED } }));
  }
});

const ofType = (resources: readonly Resource[], type: string) => resources.filter((each) => each.type === type);
const property = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );

/** Runs an assertion on each stack's graph. */
const everyStack = (
  title: string,
  check: (t: import('ava').ExecutionContext, resources: Resource[], stack: string) => void,
) =>
  test(title, (t) => {
    for (const stack of STACKS) check(t, graphs.get(stack) ?? [], stack);
  });

everyStack(
  'every push subscription has a dead letter with its IAM, never expires, and shows a token',
  (t, resources) => {
    const agent = 'serviceAccount:service-100000000001@gcp-sa-pubsub.iam.gserviceaccount.com';
    const subscriberOn = new Set(
      ofType(resources, 'gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember')
        .filter(({ inputs }) => inputs.role === 'roles/pubsub.subscriber' && inputs.member === agent)
        .map(({ inputs }) => inputs.subscription),
    );
    const deadLetterPublishers = planned.topicGrants(resources).filter(({ topic }) => topic === 'dead-letters');
    t.deepEqual(deadLetterPublishers, [{ topic: 'dead-letters', role: 'roles/pubsub.publisher', member: agent }]);
    const subscriptions = planned.subscriptions(resources);
    t.true(subscriptions.length > 10);
    for (const { name, topic, deadLetterPolicy, pushConfig } of subscriptions) {
      t.truthy(pushConfig?.oidcToken.serviceAccountEmail, name);
      const [resource] = resources.filter((each) => each.type.endsWith(':Subscription') && each.name === name);
      t.is(property(resource?.inputs, 'expirationPolicy', 'ttl'), '', name);
      // A dead letter that fails has nowhere further to go.
      if (topic.endsWith('/dead-letters')) continue;
      t.true(deadLetterPolicy?.deadLetterTopic.endsWith('/topics/dead-letters'), name);
      t.is(deadLetterPolicy?.maxDeliveryAttempts, 100, name);
      t.true(subscriberOn.has(name), name);
      t.true(
        resource?.dependsOn.some((each) => each.endsWith('dead-letters-published-by-pubsub')),
        name,
      );
    }
    t.true(
      subscriptions.some(({ topic }) => topic.endsWith('/dead-letters')),
      'somebody takes dead letters in',
    );
  },
);

everyStack('Pub/Sub may make the token of every account it pushes as', (t, resources) => {
  const signable = ofType(resources, 'gcp:serviceaccount/iAMMember:IAMMember')
    .filter(({ inputs }) => inputs.role === 'roles/iam.serviceAccountTokenCreator')
    .map(({ inputs }) => String(inputs.serviceAccountId).split('/').at(-1));
  for (const { name, pushConfig } of planned.subscriptions(resources)) {
    t.true(signable.includes(pushConfig?.oidcToken.serviceAccountEmail), name);
  }
});

everyStack(
  'every public operation has a route, a function behind it, and the gateway as its only invoker from outside',
  (t, resources) => {
    const [config] = planned.apiConfigs(resources);
    const document = JSON.parse(Buffer.from(config?.openapiDocuments[0]?.document.contents ?? '', 'base64').toString());
    const functions = new Map(planned.functions(resources).map((each) => [each.name, each]));
    const invokers = planned.invokerGrants(resources);
    for (const { name, declaration } of manifest.functions) {
      t.true(functions.has(name), name);
      if (declaration.kind !== 'http') continue;
      const { contract } = declaration;
      const route = property(document, 'paths', contract.path, contract.method.toLowerCase());
      t.is(property(route, 'x-google-backend'), contract.audience === 'public' ? name : undefined, name);
      const gateway = invokers.filter(
        (each) => each.name === name && each.member.startsWith('serviceAccount:gateway@'),
      );
      t.is(gateway.length, contract.audience === 'public' ? 1 : 0, name);
    }
    t.is(functions.size, manifest.functions.length);
  },
);

everyStack('only public functions are open to the internet', (t, resources) => {
  const open = planned
    .functions(resources)
    .filter(({ serviceConfig }) => serviceConfig.ingressSettings === 'ALLOW_ALL');
  const exposed = manifest.functions.filter(
    ({ declaration }) => declaration.kind === 'http' && declaration.contract.audience === 'public',
  );
  t.deepEqual(open.map(({ name }) => name).sort(), exposed.map(({ name }) => name).sort());
});

everyStack('nobody is everybody, but where keys are published', (t, resources) => {
  const everybody = resources.filter(({ inputs }) => /^all(Authenticated)?Users$/.test(String(inputs.member)));
  t.deepEqual(
    everybody.map(({ inputs }) => [inputs.bucket, inputs.role]),
    ofType(resources, 'gcp:storage/bucket:Bucket')
      .filter(({ name }) => name === 'jwks')
      .map(({ inputs }) => [inputs.name, 'roles/storage.legacyObjectReader']),
  );
});

everyStack('no secret stands in a plain variable', (t, resources) => {
  const values = planned.secretVersions(resources).map(({ secretData }) => secretData);
  t.true(values.length > 10);
  for (const { name, type, inputs, secretInputs } of resources) {
    const mayHoldSecrets = /:(SecretVersion|User)$/.test(type);
    if (mayHoldSecrets) continue;
    t.deepEqual(secretInputs, [], `${type} ${name}`);
    const text = JSON.stringify(inputs);
    t.false(
      values.some((value) => value.length > 8 && text.includes(value)),
      `${type} ${name}`,
    );
    t.false(text.includes(SEED), `${type} ${name}`);
  }
  for (const { name, secretInputs } of ofType(resources, 'gcp:secretmanager/secretVersion:SecretVersion')) {
    t.deepEqual(secretInputs, ['secretData'], name);
  }
});

everyStack('what holds data is guarded against deletion, except in dev', (t, resources, stack) => {
  const guarded = resources.filter(({ type }) =>
    /(DatabaseInstance|firestore\/database:Database|bucket:Bucket)$/.test(type),
  );
  t.true(guarded.length >= 3);
  for (const { name, protect } of guarded) t.is(protect, stack !== 'dev', name);
  const [instance] = ofType(resources, 'gcp:sql/databaseInstance:DatabaseInstance');
  t.is(instance?.inputs.databaseVersion, 'POSTGRES_18');
  t.is(instance?.inputs.deletionProtection, stack !== 'dev');
  t.is(property(instance?.inputs, 'settings', 'ipConfiguration', 'ipv4Enabled'), false);
  t.is(property(instance?.inputs, 'settings', 'backupConfiguration', 'enabled'), true);
  t.is(property(instance?.inputs, 'settings', 'backupConfiguration', 'pointInTimeRecoveryEnabled'), true);
  t.is(property(instance?.inputs, 'settings', 'availabilityType'), stack === 'production' ? 'REGIONAL' : 'ZONAL');
});

/** PostgreSQL's own, Cloud SQL's agents', the migrations' and an operator's. */
const RESERVED_CONNECTIONS = 30;

/** A few executions of a job at once, each with its own connections and the outbox's. */
const JOB_CONNECTIONS_AT_ONCE = 4 * (JOB_CONNECTIONS + OUTBOX_CONNECTIONS);

everyStack('the connection budget holds while every function is rolled out at once', (t, resources) => {
  const [instance] = ofType(resources, 'gcp:sql/databaseInstance:DatabaseInstance');
  const flags = property(instance?.inputs, 'settings', 'databaseFlags') as { name: string; value: string }[];
  const maxConnections = Number(flags.find(({ name }) => name === 'max_connections')?.value);
  const [pool] = property(instance?.inputs, 'settings', 'connectionPoolConfigs') as {
    flags: { name: string; value: string }[];
  }[];
  const functions = planned.functions(resources);
  const demand = connectionDemand(
    functions.map(
      ({ serviceConfig }) =>
        ({
          maxInstances: serviceConfig.maxInstanceCount,
          loginConnections: Number(serviceConfig.environmentVariables.DATABASE_MAX_CONNECTIONS),
        }) as Compute,
    ),
  );
  const budget = maxConnections - RESERVED_CONNECTIONS - manifest.jobs.length * JOB_CONNECTIONS_AT_ONCE;
  if (pool === undefined) {
    t.true(demand <= budget, `${demand} connections of ${budget}`);
    return;
  }
  const flag = (name: string) => Number(pool.flags.find((each) => each.name === name)?.value);
  const roles = new Set(
    functions.flatMap(({ serviceConfig: { environmentVariables: variables } }) => [
      variables.DATABASE_USER,
      variables.DATABASE_OUTBOX_USER,
    ]),
  );
  const served = roles.size * flag('max_pool_size');
  t.true(demand <= flag('max_client_connections'), `${demand} clients of ${flag('max_client_connections')}`);
  t.true(served <= budget, `${served} server connections of ${budget}`);
});

everyStack('names are ones the cloud takes', (t, resources) => {
  const rules: [string, string, RegExp][] = [
    ['gcp:serviceaccount/account:Account', 'accountId', /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/],
    ['gcp:cloudfunctionsv2/function:Function', 'name', /^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/],
    ['gcp:pubsub/topic:Topic', 'name', /^(?!goog)[A-Za-z][\w.~+%-]{2,254}$/],
    ['gcp:pubsub/subscription:Subscription', 'name', /^(?!goog)[A-Za-z][\w.~+%-]{2,254}$/],
    ['gcp:pubsub/schema:Schema', 'name', /^(?!goog)[A-Za-z][\w.~+%-]{2,254}$/],
    ['gcp:storage/bucket:Bucket', 'name', /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/],
    ['gcp:secretmanager/secret:Secret', 'secretId', /^[\w-]{1,255}$/],
    ['gcp:cloudscheduler/job:Job', 'name', /^[\w-]{1,500}$/],
    ['gcp:cloudrunv2/job:Job', 'name', /^[a-z][a-z0-9-]{0,48}[a-z0-9]$/],
    ['gcp:apigateway/apiConfig:ApiConfig', 'apiConfigId', /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/],
  ];
  for (const [type, key, rule] of rules) {
    const found = ofType(resources, type);
    t.true(found.length > 0, type);
    for (const { inputs } of found) t.regex(String(inputs[key]), rule, type);
  }
  for (const { inputs } of ofType(resources, 'gcp:cloudrunv2/job:Job')) {
    t.true(`${inputs.name}${inputs.runExecutionToken}`.length < 63, "name and token make the execution's name");
  }
});

everyStack('combinations of CPU, memory, concurrency and time-out are ones that Cloud Run takes', (t, resources) => {
  const mostMemory = new Map([
    [0.167, 512],
    [0.25, 512],
    [0.333, 512],
    [0.5, 1024],
    [1, 4096],
    [2, 8192],
    [4, 16_384],
  ]);
  for (const { name, serviceConfig } of planned.functions(resources)) {
    const cpu = Number(serviceConfig.availableCpu);
    const memory = Number.parseInt(serviceConfig.availableMemory, 10);
    t.true(memory <= (mostMemory.get(cpu) ?? 0), `${name}: ${cpu} CPU, ${memory} MiB`);
    t.true(cpu < 4 || memory >= 2048, name);
    t.true(cpu >= 1 || serviceConfig.maxInstanceRequestConcurrency === 1, name);
    t.true(serviceConfig.timeoutSeconds <= 3600, name);
    t.true(serviceConfig.minInstanceCount <= serviceConfig.maxInstanceCount, name);
  }
  for (const { name, ackDeadlineSeconds } of planned.subscriptions(resources)) {
    t.true(ackDeadlineSeconds >= 10 && ackDeadlineSeconds <= 600, name);
  }
});

everyStack("a context's functions wait for its migrations and its grants", (t, resources) => {
  for (const { name, inputs, dependsOn } of ofType(resources, 'gcp:cloudfunctionsv2/function:Function')) {
    const context = property(inputs, 'labels', 'context');
    t.true(dependsOn.includes(`gcp:cloudrunv2/job:Job migrate-${context}`), name);
    t.true(
      dependsOn.some((each) => each.endsWith(`database-${context}-read-by-${context}`)),
      name,
    );
  }
});

everyStack('dead letters, parked events, age, errors and latency raise alerts', (t, resources) => {
  t.deepEqual(
    ofType(resources, 'gcp:monitoring/alertPolicy:AlertPolicy')
      .map(({ name }) => name)
      .sort(),
    ['dead-letters', 'failed-jobs', 'latency-p95', 'oldest-unacked', 'parked-events', 'server-errors'],
  );
  t.is(ofType(resources, 'gcp:monitoring/dashboard:Dashboard').length, 1);
  t.true(ofType(resources, 'gcp:logging/metric:Metric').length > 0);
});

everyStack('Cloud Storage may publish where its buckets tell of their objects, before they do', (t, resources) => {
  const publishers = planned.topicGrants(resources);
  const notifications = ofType(resources, 'gcp:storage/notification:Notification');
  const taken = manifest.functions.flatMap(({ declaration }) => declaration.deployment.takesObjectsOf ?? []);
  t.deepEqual(
    notifications.map(({ name }) => name).sort(),
    [...new Set(taken)].map((each) => `objects-${each}`).sort(),
  );
  for (const { name, inputs, dependsOn } of notifications) {
    const topic = String(inputs.topic).split('/').at(-1);
    const agent = publishers.find((each) => each.topic === topic && each.member.includes('@gs-project-accounts.'));
    t.is(agent?.role, 'roles/pubsub.publisher', name);
    t.true(dependsOn.includes(`gcp:pubsub/topicIAMMember:TopicIAMMember ${topic}-published-by-storage`), name);
    t.true(
      planned.subscriptions(resources).some((subscription) => subscription.topic === inputs.topic),
      `${name} has a taker`,
    );
  }
});

everyStack('a job has the hardware that Cloud Run takes a GPU with, and waits for its migrations', (t, resources) => {
  const declared = ofType(resources, 'gcp:cloudrunv2/job:Job').filter(
    ({ inputs }) => property(inputs, 'labels', 'kind') === 'job',
  );
  t.is(declared.length, manifest.jobs.length);
  for (const { name, inputs, dependsOn } of declared) {
    const template = property(inputs, 'template', 'template');
    const [container] = property(template, 'containers') as unknown[];
    const limits = property(container, 'resources', 'limits') as Record<string, string>;
    const accelerator = property(template, 'nodeSelector', 'accelerator');
    t.is(limits['nvidia.com/gpu'], accelerator === undefined ? undefined : '1', name);
    if (accelerator !== undefined) {
      t.true(Number(limits.cpu) >= 4 && Number.parseInt(limits.memory ?? '', 10) >= 16, name);
      t.true(Number.parseInt(String(property(template, 'timeout')), 10) <= 3_600, name);
    }
    t.true(dependsOn.includes(`gcp:cloudrunv2/job:Job migrate-${property(inputs, 'labels', 'context')}`), name);
  }
});

test('nothing is left for Pulumi to name', (t) => {
  for (const { type, name, inputs } of graphs.get('production') ?? []) {
    if (
      /(IamMember|IAMMember|SecretVersion|ServiceIdentity|Connection|Notification|AlertPolicy|Dashboard|ApiConfig|NotificationChannel)$/.test(
        type,
      )
    )
      continue;
    const named =
      inputs.name ?? inputs.roleId ?? inputs.accountId ?? inputs.secretId ?? inputs.apiId ?? inputs.gatewayId;
    t.is(typeof named, 'string', `${type} ${name}`);
  }
});

test('a stack caps what declarations ask for', (t) => {
  const settings = {
    functions: { maxInstances: 2, minInstances: false },
    database: { connectionsPerInstance: 4 },
  } as Settings;
  const compute = computeOf({ cpu: 2, concurrency: 80, minInstances: 3, maxInstances: 50 }, settings);
  t.like(compute, { maxInstances: 2, minInstances: 0, loginConnections: 4, concurrency: 80 });
});

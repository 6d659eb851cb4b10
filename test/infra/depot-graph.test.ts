import { join } from 'node:path';
import test from 'ava';
import { collectManifest } from '#core/manifest.ts';
import { problemsOf } from '#core/manifest-problems.ts';
import { collectGraph } from '../../infra/graph.ts';
import { localPlan } from '../../infra/local-plan.ts';
import type { Resource } from '../../infra/recorder.ts';

const FUNCTIONS = join(import.meta.dirname, 'fixtures', 'depot-functions');
const PROJECT = 'millrace-production';
const email = (id: string, project = PROJECT) => `${id}@${project}.iam.gserviceaccount.com`;
const STORAGE_AGENT = 'service-100000000001@gs-project-accounts.iam.gserviceaccount.com';

interface Container {
  image: string;
  args: string[];
  resources: object;
  envs: { name: string; value?: string; valueSource?: object }[];
}

let graph: Resource[];
test.before(async () => {
  graph = await collectGraph({
    environment: 'production',
    functionsFolder: FUNCTIONS,
    config: { producers: {}, 'gcp:project': PROJECT, secrets: { 'scale-key': 'k' } },
  });
});

const named = (type: string, name: string): Resource => {
  const found = graph.find((each) => each.type.endsWith(type) && each.name === name);
  if (found === undefined) throw new Error(`there is no ${type} ${name}`);
  return found;
};

test('a bucket keeps, forgets and opens to pages what passes through it as its rules say', (t) => {
  const bucket = (name: string) => named(':Bucket', name).inputs;
  t.like(bucket('uploads'), {
    versioning: { enabled: false },
    softDeletePolicy: { retentionDurationSeconds: 0 },
    lifecycleRules: [{ action: { type: 'Delete' }, condition: { age: 1 } }],
    publicAccessPrevention: 'enforced',
  });
  t.like((bucket('uploads').cors as object[])[0], { origins: ['*'], methods: ['GET', 'HEAD', 'PUT', 'POST'] });
  t.like(bucket('simulation'), { lifecycleRules: [{ action: { type: 'Delete' }, condition: { age: 7 } }] });
  t.is(bucket('simulation').cors, undefined);
  t.like(bucket('files'), { versioning: { enabled: true }, lifecycleRules: undefined });
});

test('new objects are told to their taker, by an account that may, with dead letters behind it', (t) => {
  const notification = named(':Notification', 'objects-uploads');
  t.like(notification.inputs, {
    bucket: `${PROJECT}-uploads`,
    topic: `projects/${PROJECT}/topics/objects-uploads`,
    eventTypes: ['OBJECT_FINALIZE'],
    payloadFormat: 'NONE',
  });
  t.true(notification.dependsOn.some((each) => each.endsWith('objects-uploads-published-by-storage')));
  t.is(
    named(':TopicIAMMember', 'objects-uploads-published-by-storage').inputs.member,
    `serviceAccount:${STORAGE_AGENT}`,
  );
  t.like(named(':Subscription', 'depot-take-delivery').inputs, {
    topic: `projects/${PROJECT}/topics/objects-uploads`,
    enableMessageOrdering: false,
    ackDeadlineSeconds: 300,
    deadLetterPolicy: { maxDeliveryAttempts: 100 },
  });
  const { pushConfig } = named(':Subscription', 'depot-take-delivery').inputs as {
    pushConfig: { pushEndpoint: string; oidcToken: { serviceAccountEmail: string } };
  };
  t.regex(pushConfig.pushEndpoint, /\/internal\/depot\/deliveries$/);
  t.is(pushConfig.oidcToken.serviceAccountEmail, email('push-depot'));
});

test('a context signs as itself, reads and writes its buckets, and starts its jobs, and no more', (t) => {
  const member = `serviceAccount:${email('context-depot')}`;
  const rights = graph
    .filter(({ type, inputs }) => inputs.member === member && /bucketIAM|serviceaccount|jobIam|keyRingIAM/i.test(type))
    .map(
      ({ inputs }) =>
        `${inputs.role} ${String(inputs.bucket ?? inputs.keyRingId ?? inputs.serviceAccountId ?? inputs.name)}`,
    )
    .sort();
  t.deepEqual(rights, [
    `projects/${PROJECT}/roles/tenantKeyMaker projects/${PROJECT}/locations/europe-west1/keyRings/tenants`,
    `roles/iam.serviceAccountTokenCreator projects/${PROJECT}/serviceAccounts/${email('context-depot')}`,
    'roles/run.jobsExecutorWithOverrides depot-weigh-all',
    'roles/run.viewer depot-weigh-all',
    `roles/storage.objectUser ${PROJECT}-files`,
    `roles/storage.objectUser ${PROJECT}-simulation`,
    `roles/storage.objectViewer ${PROJECT}-sources`,
    `roles/storage.objectViewer ${PROJECT}-uploads`,
  ]);
});

test("tenants' keys are made by who keeps objects under them, and used by Cloud Storage alone", (t) => {
  const used = named(':KeyRingIAMMember', 'tenants-used-by-storage').inputs;
  t.is(used.role, 'roles/cloudkms.cryptoKeyEncrypterDecrypter');
  t.is(used.member, `serviceAccount:${STORAGE_AGENT}`);
  t.deepEqual(named(':IAMCustomRole', 'tenant-key-maker').inputs.permissions, [
    'cloudkms.cryptoKeys.create',
    'cloudkms.cryptoKeys.get',
  ]);
  t.true(named(':KeyRing', 'tenants').protect);
});

test('a job with a GPU runs on an L4, on an image that nobody builds, with its code and Node from the bucket', (t) => {
  const job = named('cloudrunv2/job:Job', 'depot-weigh-all');
  const { template } = (job.inputs.template as { template: Record<string, unknown> }) ?? {};
  t.like(template, {
    serviceAccount: email('context-depot'),
    maxRetries: 1,
    timeout: '3600s',
    nodeSelector: { accelerator: 'nvidia-l4' },
    gpuZonalRedundancyDisabled: true,
    volumes: [{ name: 'sources', gcs: { bucket: `${PROJECT}-sources`, readOnly: true } }],
  });
  const [container] = (template?.containers ?? []) as Container[];
  if (container === undefined) return t.fail('it has a container');
  t.regex(container.image, /^docker\.io\/nvidia\/cuda:12\.2\.\d-runtime-/);
  t.deepEqual(container.resources, { limits: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' } });
  const archive = '/sources/jobs/depot-weigh-all/unbuilt.tgz';
  t.deepEqual(container.args.slice(2), [archive, '/sources/node/unbuilt']);
  const variables = new Map(container.envs.map((each) => [each.name, each]));
  t.is(variables.get('BUCKET_SIMULATION')?.value, `${PROJECT}-simulation`);
  t.deepEqual(variables.get('SCALE_KEY'), {
    name: 'SCALE_KEY',
    valueSource: { secretKeyRef: { secret: 'scale-key', version: '1' } },
  });
  t.true(job.dependsOn.includes('gcp:cloudrunv2/job:Job migrate-depot'));
});

test('who starts a job, or keeps objects under keys, is told their names', (t) => {
  const { serviceConfig } = named(':Function', 'depot-take-delivery').inputs as {
    serviceConfig: { environmentVariables: Record<string, string> };
  };
  t.like(serviceConfig.environmentVariables, {
    JOB_WEIGH_ALL: `projects/${PROJECT}/locations/europe-west1/jobs/depot-weigh-all`,
    BUCKET_UPLOADS: `${PROJECT}-uploads`,
    TENANT_KEY_RING: `projects/${PROJECT}/locations/europe-west1/keyRings/tenants`,
  });
});

test.serial('the local cloud gets jobs, what buckets tell, and who may sign', async (t) => {
  const manifest = await collectManifest(FUNCTIONS);
  const local = await collectGraph({ environment: 'local', functionsFolder: FUNCTIONS, config: { producers: {} } });
  const plan = localPlan(local, manifest);
  const account = email('context-depot', 'millrace-local');
  const [job] = plan.jobs;
  t.like(job, {
    name: 'depot-weigh-all',
    context: 'depot',
    file: 'depot/weigh-all.ts',
    serviceAccount: account,
    timeoutSeconds: 3_600,
    maxRetries: 1,
  });
  t.is(job?.env.DATABASE_PASSWORD?.length, 43);
  t.deepEqual(plan.notifications, [
    {
      bucket: 'millrace-local-uploads',
      topic: 'objects-uploads',
      eventTypes: ['OBJECT_FINALIZE'],
      payloadFormat: 'NONE',
    },
  ]);
  t.deepEqual(plan.signers[account], [account]);
  t.is(plan.storageAgent, STORAGE_AGENT);
  t.true(plan.serviceAccounts.includes(STORAGE_AGENT));
  t.deepEqual(plan.publishers['objects-uploads'], [STORAGE_AGENT]);
  t.deepEqual(plan.keyRings, ['tenants']);
  t.like(
    plan.buckets.find(({ name }) => name.endsWith('uploads')),
    { deleteAfterDays: 1, versioned: false, readers: [account], writers: [] },
  );
});

test('a job that nobody declares is found', async (t) => {
  const manifest = await collectManifest(FUNCTIONS);
  t.deepEqual(problemsOf(manifest), []);
  t.deepEqual(problemsOf({ ...manifest, jobs: [] }), [
    { kind: 'job-nobody-declares', job: 'weigh-all', starters: ['depot-take-delivery'] },
  ]);
});

import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { collectManifest, contextsOf, type Manifest, type ManifestEntry } from '../functions/core/manifest.ts';
import { functionsCalledBy } from '../functions/core/manifest-problems.ts';
import { loginRole, outboxRole } from './components/naming.ts';
import { collectGraph } from './graph.ts';
import { jobsIn, type LocalJob } from './local-jobs.ts';
import { emailOf, type LocalBucket, storageIn } from './local-storage.ts';
import * as planned from './planned-resources.ts';
import type { Resource } from './recorder.ts';

/** What the local cloud is built from, in plain JSON: a digest of the resource graph. */
export interface LocalPlan {
  project: string;
  topics: { name: string; schema?: string }[];
  subscriptions: LocalSubscription[];
  functions: LocalFunction[];
  gateway: { openapi: string; serviceAccount: string };
  schedules: LocalSchedule[];
  /** E-mail addresses that may publish, by topic. */
  publishers: Record<string, string[]>;
  firestore: { writers: string[]; readers: string[]; indexes: LocalIndex[] };
  contexts: { name: string; loginRole: string; outboxRole: string }[];
  /** Values of Secret Manager by secret id, the roles' passwords (`database-<role>`) among them. */
  secrets: Record<string, string>;
  buckets: LocalBucket[];
  /** What buckets tell of their objects. */
  notifications: { bucket: string; topic: string; eventTypes: string[]; payloadFormat: string }[];
  /** As whom Cloud Storage publishes what buckets tell. */
  storageAgent?: string;
  jobs: LocalJob[];
  /** Rings of Cloud KMS. */
  keyRings: string[];
  /** Who may sign as an account, by the account's e-mail address. */
  signers: Record<string, string[]>;
  /** Everybody the identity service knows. */
  serviceAccounts: string[];
}

/** A composite index, as firestore.indexes.json has it. */
interface LocalIndex {
  collectionGroup: string;
  queryScope: 'COLLECTION' | 'COLLECTION_GROUP';
  fields: planned.DocumentIndex['fields'];
}

export interface LocalSubscription {
  name: string;
  topic: string;
  /** The function it pushes to; absent where it waits to be pulled. */
  function?: string;
  pushEndpoint?: string;
  serviceAccount?: string;
  audience?: string;
  ordered: boolean;
  retry: { minSeconds: number; maxSeconds: number };
  deadLetter?: { topic: string; maxAttempts: number };
  ackDeadlineSeconds: number;
  retentionSeconds: number;
  filter: string;
}

export interface LocalFunction {
  name: string;
  context: string;
  /** Below functions/, such as `market/on-price-update.ts`. */
  file: string;
  kind: 'http' | 'event' | 'schedule';
  serviceAccount: string;
  /** Plain variables and secret ones, as the instance sees them. */
  env: Record<string, string>;
  /** The function behind each operation it may call, by `METHOD /path`. */
  calls: Record<string, string>;
  timeoutSeconds: number;
  memoryMiB: number;
  concurrency: number;
  minInstances: number;
  maxInstances: number;
  /** E-mail addresses that may invoke it. */
  invokers: string[];
}

export interface LocalSchedule {
  name: string;
  cron: string;
  timeZone: string;
  function: string;
  uri: string;
  audience: string;
  serviceAccount: string;
  attemptDeadlineSeconds: number;
}

/** The digest of a graph. The manifest says only what no resource does: which file a function is, and whom it calls. */
export function localPlan(resources: readonly Resource[], manifest: Manifest): LocalPlan {
  const secrets = secretsIn(resources);
  const publishers = membersBy(planned.topicGrants(resources), ({ topic }) => topic);
  const roles = planned.projectGrants(resources);
  const project = roles[0]?.project ?? '';
  const accounts = planned.serviceAccountIds(resources).map(({ accountId }) => emailIn(project, accountId));
  return {
    project,
    topics: topicsIn(resources),
    subscriptions: planned.subscriptions(resources).map(subscriptionOf),
    functions: functionsIn(resources, manifest, secrets),
    gateway: gatewayIn(resources),
    schedules: planned.schedules(resources).map(scheduleOf),
    publishers,
    firestore: {
      writers: roles.filter(({ role }) => role === 'roles/datastore.user').map(({ member }) => emailOf(member)),
      readers: roles.filter(({ role }) => role === 'roles/datastore.viewer').map(({ member }) => emailOf(member)),
      indexes: planned
        .documentIndexes(resources)
        .map(({ collection, queryScope, fields }) => ({ collectionGroup: collection, queryScope, fields })),
    },
    contexts: contextsOf(manifest).map((name) => ({ name, loginRole: loginRole(name), outboxRole: outboxRole(name) })),
    secrets,
    ...storageIn(resources),
    keyRings: planned.keyRings(resources).map(({ name }) => name),
    jobs: jobsIn(resources, manifest, secrets),
    signers: membersBy(
      planned.accountGrants(resources).filter(({ role }) => role === 'roles/iam.serviceAccountTokenCreator'),
      ({ serviceAccountId }) => basename(serviceAccountId),
    ),
    serviceAccounts: distinct([...accounts, ...Object.values(publishers).flat()]),
  };
}

function topicsIn(resources: readonly Resource[]): LocalPlan['topics'] {
  const schemas = new Map(planned.schemas(resources).map(({ name, definition }) => [name, definition]));
  return planned.topics(resources).map(({ name, schemaSettings }) => {
    const schema = schemaSettings === undefined ? undefined : schemas.get(basename(schemaSettings.schema));
    return schema === undefined ? { name } : { name, schema };
  });
}

function subscriptionOf(subscription: planned.Subscription): LocalSubscription {
  const { pushConfig, deadLetterPolicy, retryPolicy } = subscription;
  return {
    name: subscription.name,
    topic: basename(subscription.topic),
    ...(pushConfig === undefined
      ? {}
      : {
          function: functionAt(pushConfig.pushEndpoint),
          pushEndpoint: pushConfig.pushEndpoint,
          serviceAccount: pushConfig.oidcToken.serviceAccountEmail,
          audience: pushConfig.oidcToken.audience,
        }),
    ordered: subscription.enableMessageOrdering,
    retry: { minSeconds: seconds(retryPolicy.minimumBackoff), maxSeconds: seconds(retryPolicy.maximumBackoff) },
    ...(deadLetterPolicy === undefined
      ? {}
      : {
          deadLetter: {
            topic: basename(deadLetterPolicy.deadLetterTopic),
            maxAttempts: deadLetterPolicy.maxDeliveryAttempts,
          },
        }),
    ackDeadlineSeconds: subscription.ackDeadlineSeconds,
    retentionSeconds: seconds(subscription.messageRetentionDuration),
    filter: subscription.filter,
  };
}

function functionsIn(
  resources: readonly Resource[],
  manifest: Manifest,
  secrets: Record<string, string>,
): LocalFunction[] {
  const invokers = membersBy(planned.invokerGrants(resources), ({ name }) => name);
  const entries = new Map(manifest.functions.map((entry) => [entry.name, entry]));
  return planned.functions(resources).map(({ name, serviceConfig: service }) => {
    const entry = entryOf(entries, name);
    const secretEnv = service.secretEnvironmentVariables.map(({ key, secret }) => [key, secrets[secret] ?? '']);
    return {
      name,
      context: entry.context,
      file: `${entry.context}/${entry.file}.ts`,
      kind: entry.declaration.kind,
      serviceAccount: service.serviceAccountEmail,
      env: { ...service.environmentVariables, ...Object.fromEntries(secretEnv) },
      calls: functionsCalledBy(manifest, entry),
      timeoutSeconds: service.timeoutSeconds,
      memoryMiB: Number.parseInt(service.availableMemory, 10),
      concurrency: service.maxInstanceRequestConcurrency,
      minInstances: service.minInstanceCount,
      maxInstances: service.maxInstanceCount,
      invokers: invokers[name] ?? [],
    };
  });
}

function entryOf(entries: Map<string, ManifestEntry>, name: string): ManifestEntry {
  const entry = entries.get(name);
  if (entry === undefined) throw new Error(`the graph has a function ${name} that no file declares`);
  return entry;
}

function gatewayIn(resources: readonly Resource[]): LocalPlan['gateway'] {
  const [config] = planned.apiConfigs(resources);
  if (config === undefined) throw new Error('the graph has no gateway');
  const [document] = config.openapiDocuments;
  return {
    openapi: Buffer.from(document?.document.contents ?? '', 'base64').toString('utf8'),
    serviceAccount: config.gatewayConfig.backendConfig.googleServiceAccount,
  };
}

function scheduleOf({ name, schedule, timeZone, attemptDeadline, httpTarget }: planned.Schedule): LocalSchedule {
  return {
    name,
    cron: schedule,
    timeZone,
    function: functionAt(httpTarget.uri),
    uri: httpTarget.uri,
    audience: httpTarget.oidcToken.audience,
    serviceAccount: httpTarget.oidcToken.serviceAccountEmail,
    attemptDeadlineSeconds: seconds(attemptDeadline),
  };
}

function secretsIn(resources: readonly Resource[]): Record<string, string> {
  return Object.fromEntries(
    planned.secretVersions(resources).map(({ secret, secretData }) => [basename(secret), secretData]),
  );
}

function membersBy<Grant extends { member: string }>(
  grants: readonly Grant[],
  keyOf: (grant: Grant) => string,
): Record<string, string[]> {
  const members: Record<string, string[]> = {};
  for (const grant of grants) {
    const key = keyOf(grant);
    members[key] = distinct([...(members[key] ?? []), emailOf(grant.member)]);
  }
  return members;
}

/** The local host serves each function below its name. */
function functionAt(address: string): string {
  return new URL(address).pathname.split('/')[1] ?? '';
}

function emailIn(project: string, accountId: string): string {
  return `${accountId}@${project}.iam.gserviceaccount.com`;
}

function seconds(duration: string): number {
  return Number.parseFloat(duration);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { config: { type: 'string', default: '{}' } } });
  try {
    const functionsFolder = join(import.meta.dirname, '..', 'functions');
    const resources = await collectGraph({ environment: 'local', config: JSON.parse(values.config), functionsFolder });
    process.stdout.write(`${JSON.stringify(localPlan(resources, await collectManifest(functionsFolder)))}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

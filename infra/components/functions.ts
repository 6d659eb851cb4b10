import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Manifest, ManifestEntry } from '../../functions/core/manifest.ts';
import { functionsCalledBy } from '../../functions/core/manifest-problems.ts';
import type { Bundle } from '../bundle.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';
import type { Addresses } from './addresses.ts';
import { type Buckets, bucketWriters } from './buckets.ts';
import { computeOf } from './compute.ts';
import type { PlatformDatabase } from './database.ts';
import { checkName, DATABASE, loginRole, outboxRole, passwordSecret, variableName } from './naming.ts';
import type { PlatformNetwork } from './network.ts';
import { type Secrets, type StoredSecret, secretOf } from './secrets.ts';

/** What functions are built on. */
export interface Platform {
  settings: Settings;
  manifest: Manifest;
  accounts: Accounts;
  network: PlatformNetwork;
  database: PlatformDatabase;
  secrets: Secrets;
  buckets: Buckets;
  addresses: Addresses;
  /** What a context's functions wait for: its migrations and grants. */
  readyFor: (context: string) => pulumi.Resource[];
}

/** The platform's OTLP endpoint for spans: https://cloud.google.com/stackdriver/docs/reference/telemetry/overview */
const TRACE_ENDPOINT = 'https://telemetry.googleapis.com/v1/traces';

/**
 * One function a use case. Public ones are open to the internet, since API Gateway comes from there, and to the gateway's account
 * alone; all others take internal traffic only, which pushes, schedules and calls through the network are.
 */
export function createFunction(
  platform: Platform,
  entry: ManifestEntry,
  bundle: Bundle,
): gcp.cloudfunctionsv2.Function {
  const { settings, accounts, network, buckets } = platform;
  const { name, context, declaration } = entry;
  checkName('function', name);
  checkName('context', context);
  const compute = computeOf(declaration.deployment, settings);
  const secretVariables = secretVariablesOf(platform, entry);
  const source = new gcp.storage.BucketObject(`${name}-source`, {
    bucket: buckets.sources.name,
    // The hash in the name: a function whose content is the same is not built again.
    name: `functions/${name}/${bundle.hash}.zip`,
    source: new pulumi.asset.FileAsset(bundle.archive),
  });
  return new gcp.cloudfunctionsv2.Function(
    name,
    {
      name,
      location: settings.region,
      description: declaration.contract.summary,
      labels: { context, kind: declaration.kind },
      buildConfig: {
        runtime: 'nodejs24',
        entryPoint: name,
        source: { storageSource: { bucket: buckets.sources.name, object: source.name } },
        // In full, as the API wants it here; without it, the project's default account would build.
        serviceAccount: accounts.build.id,
      },
      serviceConfig: {
        serviceAccountEmail: accountOf(accounts.contexts, context).email,
        availableCpu: String(compute.cpu),
        availableMemory: `${compute.memoryMiB}Mi`,
        maxInstanceRequestConcurrency: compute.concurrency,
        minInstanceCount: compute.minInstances,
        maxInstanceCount: compute.maxInstances,
        timeoutSeconds: compute.timeoutSeconds,
        allTrafficOnLatestRevision: true,
        ingressSettings: isPublic(entry) ? 'ALLOW_ALL' : 'ALLOW_INTERNAL_ONLY',
        directVpcNetworkInterfaces: [{ network: network.id, subnetwork: network.subnet }],
        directVpcEgress: 'VPC_EGRESS_ALL_TRAFFIC',
        environmentVariables: variablesOf(platform, entry),
        secretEnvironmentVariables: Object.entries(secretVariables).map(([key, { secretId, version }]) => ({
          key,
          projectId: settings.project,
          secret: secretId,
          // The number, not `latest`: a rotated secret then makes a new revision.
          version: version.version,
        })),
      },
    },
    { dependsOn: [...platform.readyFor(context), ...Object.values(secretVariables).flatMap(({ readers }) => readers)] },
  );
}

/** Whether callers reach it through the gateway. */
export function isPublic({ declaration }: ManifestEntry): boolean {
  return declaration.kind === 'http' && declaration.contract.audience === 'public';
}

/** What functions/core/config.ts reads, but what is secret. */
function variablesOf(platform: Platform, entry: ManifestEntry): Record<string, pulumi.Input<string>> {
  const { settings, accounts, database, buckets } = platform;
  const { context, declaration } = entry;
  const { loginConnections } = computeOf(declaration.deployment, settings);
  const variables: Record<string, pulumi.Input<string>> = {
    ENVIRONMENT: settings.environment,
    // Express tells a caller whose body is no JSON where in the source it failed, unless it is told this.
    NODE_ENV: 'production',
    GOOGLE_CLOUD_PROJECT: settings.project,
    REGION: settings.region,
    SERVICE_ACCOUNT: accountOf(accounts.contexts, context).email,
    DATABASE_HOST: database.host,
    DATABASE_PORT: String(database.port),
    DATABASE_NAME: DATABASE,
    DATABASE_USER: loginRole(context),
    DATABASE_OUTBOX_USER: outboxRole(context),
    DATABASE_MAX_CONNECTIONS: String(loginConnections),
    DATABASE_NAMED_STATEMENTS: String(database.namedStatements),
    ADDRESSES: addressesFor(platform, entry),
    ...settings.variables[context],
  };
  if (settings.environment !== 'local') variables.TRACE_ENDPOINT = TRACE_ENDPOINT;
  for (const [name, bucket] of buckets.declared) {
    // All functions of the context, whose account it is: an effect on a bucket is finished by the context's sweep.
    if (bucketWriters(platform.manifest, name).has(context)) variables[`BUCKET_${variableName(name)}`] = bucket.name;
  }
  return variables;
}

/** JSON of name and address of each function that may be called. */
function addressesFor({ manifest, addresses }: Platform, entry: ManifestEntry): pulumi.Output<string> {
  const names = entry.declaration.deployment.operatesPlatform
    ? manifest.functions.map(({ name }) => name)
    : [...new Set(Object.values(functionsCalledBy(manifest, entry)))].sort();
  const pairs = names.map((name) => addresses(name).apply((address): [string, string] => [name, address]));
  return pulumi.all(pairs).apply((known) => JSON.stringify(Object.fromEntries(known)));
}

function secretVariablesOf(
  { secrets }: Platform,
  { context, declaration }: ManifestEntry,
): Record<string, StoredSecret> {
  const declared = declaration.deployment.secrets ?? [];
  return {
    DATABASE_PASSWORD: secretOf(secrets, passwordSecret(loginRole(context))),
    DATABASE_OUTBOX_PASSWORD: secretOf(secrets, passwordSecret(outboxRole(context))),
    ...Object.fromEntries(declared.map((name) => [variableName(name), secretOf(secrets, name)])),
  };
}

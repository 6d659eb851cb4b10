import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Manifest, ManifestEntry } from '../../functions/core/manifest.ts';
import type { Bundle } from '../bundle.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';
import type { Addresses } from './addresses.ts';
import type { Buckets } from './buckets.ts';
import { computeOf } from './compute.ts';
import type { PlatformDatabase } from './database.ts';
import { secretVariablesOf, variablesOf } from './environment.ts';
import { checkName } from './naming.ts';
import type { PlatformNetwork } from './network.ts';
import type { Secrets } from './secrets.ts';

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
  const secretVariables = secretVariablesOf(platform.secrets, entry);
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
        environmentVariables: {
          ...variablesOf(platform, entry),
          DATABASE_MAX_CONNECTIONS: String(compute.loginConnections),
        },
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

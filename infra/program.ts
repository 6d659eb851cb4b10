import * as pulumi from '@pulumi/pulumi';
import { committedFieldNumbers } from '../contracts/documents/field-numbers.ts';
import type { Event } from '../contracts/kit/event.ts';
import { collectManifest, contextsOf, type Manifest } from '../functions/core/manifest.ts';
import { problemsOf } from '../functions/core/manifest-problems.ts';
import type { Bundles } from './bundle.ts';
import { createAccounts } from './components/accounts.ts';
import { addressesIn } from './components/addresses.ts';
import { createAlerts } from './components/alerts.ts';
import { enableApis } from './components/apis.ts';
import { createBuckets } from './components/buckets.ts';
import { createDashboard } from './components/dashboard.ts';
import { createDatabase } from './components/database.ts';
import { createDocumentIndexes } from './components/document-indexes.ts';
import { createDocumentStore } from './components/document-store.ts';
import { createFunction } from './components/functions.ts';
import { createGateway } from './components/gateway.ts';
import { createGrants } from './components/grants.ts';
import { createInvokers, functionOf } from './components/invokers.ts';
import { createJobs } from './components/jobs.ts';
import { createLogMetrics } from './components/metrics.ts';
import { createMigration } from './components/migrations.ts';
import { createNetwork } from './components/network.ts';
import { createNotifications } from './components/notifications.ts';
import { createSchedules } from './components/schedules.ts';
import { createSecrets, refuseMissingSecrets } from './components/secrets.ts';
import { createSubscriptions } from './components/subscriptions.ts';
import { createTenantKeys } from './components/tenant-keys.ts';
import { createTopics } from './components/topics.ts';
import { gatewayDocument, schemasOf } from './contract-documents.ts';
import { knownStack, readProjects, readSettings, type Settings } from './settings.ts';

/** Where the program reads from. */
export interface Sources {
  functionsFolder: string;
  /** Builds what is uploaded, or says where it would be. */
  bundle: (manifest: Manifest) => Promise<Bundles>;
}

/** The whole platform as one stack sees it. Rejects with a RunError of one line where the stack or a declaration cannot be. */
export async function program(stack: string, sources: Sources): Promise<Record<string, unknown>> {
  const environment = knownStack(stack);
  if (environment === 'bootstrap') {
    enableApis(readProjects());
    return {};
  }
  const settings = readSettings(environment);
  const manifest = await collectManifest(sources.functionsFolder);
  refuseDoubleRoutes(manifest);
  await refuseMissingSecrets(settings, manifest);
  return provision(settings, manifest, await sources.bundle(manifest), schemasOf(await committedFieldNumbers()));
}

function provision(
  settings: Settings,
  manifest: Manifest,
  bundles: Bundles,
  schemaOf: (event: Event) => string,
): Record<string, unknown> {
  const contexts = contextsOf(manifest);
  const accounts = createAccounts(contexts);
  const network = createNetwork(settings);
  const database = createDatabase(settings, network);
  const secrets = createSecrets(settings, manifest, accounts);
  const buckets = createBuckets(settings, manifest, accounts);
  const addresses = addressesIn(settings);
  const grants = createGrants(settings, manifest, accounts);
  createTenantKeys(settings, manifest, accounts);
  createDocumentIndexes(createDocumentStore(settings));

  const foundations = { settings, manifest, accounts, network, database, secrets, buckets, addresses };
  const migrations = new Map(
    contexts.map((context) => [context, createMigration(foundations, context, bundles.migration(context))]),
  );
  const readyFor = (context: string) => [...grants(context), ...presentIn(migrations.get(context))];
  const functions = new Map(
    manifest.functions.map((entry) => [
      entry.name,
      createFunction({ ...foundations, readyFor }, entry, bundles.function(entry.name)),
    ]),
  );
  const invokers = createInvokers(settings, manifest, accounts, functions);
  const callable = (name: string) => [functionOf(functions, name), ...(invokers.get(name) ?? [])];

  createJobs({ ...foundations, readyFor }, bundles.job, bundles.node);

  const topics = createTopics(settings, manifest, accounts, schemaOf);
  const objects = createNotifications(settings, manifest, buckets);
  createSubscriptions({ settings, accounts, addresses, topics, objects, callable }, manifest);
  createSchedules(settings, manifest, accounts, functions, addresses);
  const document = gatewayDocument(settings, manifest, addresses);
  const gateway = createGateway(settings, accounts, document, [...functions.keys()].flatMap(callable));
  createLogMetrics();
  createAlerts(settings);
  createDashboard();
  return { gateway: pulumi.interpolate`https://${gateway.defaultHostname}` };
}

/** Two functions on one route: the gateway would answer with either. */
function refuseDoubleRoutes(manifest: Manifest): void {
  for (const problem of problemsOf(manifest)) {
    if (problem.kind === 'route-declared-twice') {
      throw new pulumi.RunError(`${problem.functions.join(' and ')} are both declared at ${problem.route}`);
    }
  }
}

function presentIn<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

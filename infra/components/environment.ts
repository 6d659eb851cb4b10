import * as pulumi from '@pulumi/pulumi';
import type { JobContract } from '../../contracts/kit/job.ts';
import { bucketVariable, jobVariable } from '../../functions/core/declared-variables.ts';
import { type JobEntry, type Manifest, type ManifestEntry, useCasesOf } from '../../functions/core/manifest.ts';
import { functionsCalledBy, jobBehind } from '../../functions/core/manifest-problems.ts';
import { TENANT_KEY_RING } from '../../functions/core/tenant-key.ts';
import { accountOf } from './accounts.ts';
import { bucketsUsedBy } from './buckets.ts';
import type { Platform } from './functions.ts';
import { DATABASE, jobName, keyRingName, loginRole, outboxRole, passwordSecret, variableName } from './naming.ts';
import { type Secrets, type StoredSecret, secretOf } from './secrets.ts';
import { contextsWithTenantKeys } from './tenant-keys.ts';

/** The platform's OTLP endpoint for spans: https://cloud.google.com/stackdriver/docs/reference/telemetry/overview */
const TRACE_ENDPOINT = 'https://telemetry.googleapis.com/v1/traces';

/** What functions/core/config.ts reads, but what is secret. */
export function variablesOf(platform: Platform, entry: ManifestEntry | JobEntry): Record<string, pulumi.Input<string>> {
  const { settings, manifest, accounts, database, buckets } = platform;
  const { context } = entry;
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
    DATABASE_NAMED_STATEMENTS: String(database.namedStatements),
    ADDRESSES: addressesFor(platform, entry),
    ...settings.variables[context],
  };
  if (settings.environment !== 'local') variables.TRACE_ENDPOINT = TRACE_ENDPOINT;
  // All of the context's, whose account it is: what one of its functions begins, its sweep may have to finish.
  for (const name of bucketsUsedBy(manifest, context)) {
    const bucket = buckets.declared.get(name);
    if (bucket !== undefined) variables[bucketVariable(name)] = bucket.name;
  }
  if (contextsWithTenantKeys(manifest).includes(context)) variables[TENANT_KEY_RING] = keyRingName(settings);
  for (const contract of jobsStartedBy(manifest, context)) {
    const started = jobBehind(manifest, contract);
    if (started !== undefined) variables[jobVariable(contract.name)] = jobName(settings, started.name);
  }
  return variables;
}

/** The jobs that functions of a context may start. */
export function jobsStartedBy(manifest: Manifest, context: string): JobContract[] {
  const own = useCasesOf(manifest).filter((entry) => entry.context === context);
  return [...new Set(own.flatMap(({ declaration }) => declaration.deployment.startsJobs ?? []))];
}

/** JSON of name and address of each function that may be called. */
function addressesFor({ manifest, addresses }: Platform, entry: ManifestEntry | JobEntry): pulumi.Output<string> {
  const { declaration } = entry;
  const names =
    declaration.kind !== 'job' && declaration.deployment.operatesPlatform
      ? manifest.functions.map(({ name }) => name)
      : [...new Set(Object.values(functionsCalledBy(manifest, entry)))].sort();
  const pairs = names.map((name) => addresses(name).apply((address): [string, string] => [name, address]));
  return pulumi.all(pairs).apply((known) => JSON.stringify(Object.fromEntries(known)));
}

/** What is secret, by variable. */
export function secretVariablesOf(
  secrets: Secrets,
  { context, declaration }: ManifestEntry | JobEntry,
): Record<string, StoredSecret> {
  const declared = declaration.deployment.secrets ?? [];
  return {
    DATABASE_PASSWORD: secretOf(secrets, passwordSecret(loginRole(context))),
    DATABASE_OUTBOX_PASSWORD: secretOf(secrets, passwordSecret(outboxRole(context))),
    ...Object.fromEntries(declared.map((name) => [variableName(name), secretOf(secrets, name)])),
  };
}

import { join } from 'node:path';
import type { LocalFunction, LocalPlan } from '../../infra/local-plan.ts';
import type { HostedFunction } from '../host/options.ts';
import { socketFolder } from '../sql/socket.ts';
import { BUNDLES } from './bundles.ts';
import type { CloudOptions } from './options.ts';
import { ROOT } from './plan.ts';
import type { LocalSecrets } from './secrets.ts';

/** Variables by which Google's clients and core find this machine's services. */
export function serviceVariables(
  plan: LocalPlan,
  { ports, folder, variables = {} }: CloudOptions,
  secrets: LocalSecrets,
): Record<string, string> {
  return {
    ...secrets.variables,
    PUBSUB_EMULATOR_HOST: `127.0.0.1:${ports.pubsub}`,
    FIRESTORE_EMULATOR_HOST: `127.0.0.1:${ports.firestore}`,
    STORAGE_EMULATOR_HOST: `http://127.0.0.1:${ports.storage}`,
    NODE_ENV: 'production',
    METADATA_SERVER_DETECTION: 'none',
    GCE_METADATA_HOST: `127.0.0.1:${ports.identity}`,
    GOOGLE_CLOUD_PROJECT: plan.project,
    DATABASE_HOST: socketFolder(join(folder, 'postgres')) ?? '127.0.0.1',
    DATABASE_PORT: String(ports.postgres),
    VENUE_URL: `http://127.0.0.1:${ports.venue}`,
    TRACE_FILE: join(folder, 'traces', 'spans.ndjson'),
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    ...variables,
  };
}

/** The plan's functions with this machine's addresses; under `--isolate`, their bundles. */
export function hostedFunctions(
  plan: LocalPlan,
  options: CloudOptions,
  variables: Record<string, string>,
): HostedFunction[] {
  return plan.functions.map((planned) => ({
    name: planned.name,
    context: planned.context,
    file: options.isolate ? bundleOf(planned) : join(ROOT, 'functions', planned.file),
    environment: { ...planned.env, ...variables },
    calls: planned.calls,
    invokers: planned.invokers,
    timeoutSeconds: planned.timeoutSeconds,
  }));
}

function bundleOf({ name }: LocalFunction): string {
  return join(BUNDLES, 'functions', name);
}

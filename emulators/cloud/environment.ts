import { join } from 'node:path';
import type * as z from 'zod';
import type { LocalJob } from '../../infra/local-jobs.ts';
import type { LocalFunction, LocalPlan } from '../../infra/local-plan.ts';
import type { HostedFunction } from '../host/options.ts';
import type { runOptions } from '../run/options.ts';
import { socketFolder } from '../sql/socket.ts';
import { BUNDLES } from './bundles.ts';
import type { CloudOptions } from './options.ts';
import { ROOT } from './plan.ts';
import { imageOfJob } from './provision-jobs.ts';
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
    RUN_ENDPOINT: `http://127.0.0.1:${ports.run}`,
    KMS_ENDPOINT: `http://127.0.0.1:${ports.kms}`,
    NODE_ENV: 'production',
    METADATA_SERVER_DETECTION: 'none',
    GCE_METADATA_HOST: `127.0.0.1:${ports.identity}`,
    GOOGLE_CLOUD_PROJECT: plan.project,
    DATABASE_HOST: socketFolder(join(folder, 'postgres')) ?? '127.0.0.1',
    DATABASE_PORT: String(ports.postgres),
    VENUE_URL: `http://127.0.0.1:${ports.venue}`,
    CLAMD_HOST: process.env.CLAMD_HOST ?? '',
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

/** What runs for each of the plan's jobs: its source file, or under `--isolate` its bundle. */
export function jobImages(plan: LocalPlan, { isolate }: CloudOptions): z.input<typeof runOptions>['images'] {
  return Object.fromEntries(
    plan.jobs.map((job) => [imageOfJob(job), { command: jobCommand(job, isolate), cwd: ROOT }]),
  );
}

function jobCommand({ name, context, file, calls }: LocalJob, isolate: boolean): string[] {
  if (isolate) return [process.execPath, join(BUNDLES, 'jobs', name, 'index.mjs')];
  const program = join(ROOT, 'emulators', 'jobs', 'main.ts');
  return [process.execPath, program, join(ROOT, 'functions', file), name, context, JSON.stringify(calls)];
}

function bundleOf({ name }: LocalFunction): string {
  return join(BUNDLES, 'functions', name);
}

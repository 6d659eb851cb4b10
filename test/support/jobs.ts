import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '#core/config.ts';
import type { JobEntry, Manifest } from '#core/manifest.ts';
import { functionsCalledBy } from '#core/manifest-problems.ts';
import { imageOfJob, provisionJobs } from '../../emulators/cloud/provision-jobs.ts';
import { startRun } from '../../emulators/run/server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const POLL_MS = 20;

/** A job and the file that declares it. */
export interface JobFile extends JobEntry {
  path: string;
}

/** Cloud Run with every job: an execution is a process of its own, as in the cloud. */
export interface TestJobs {
  /** Resolves when no execution runs, with whether any was started since the last time. */
  finished(): Promise<boolean>;
  close(): Promise<void>;
}

interface JobsOptions {
  project: string;
  region: string;
  folder: string;
  manifest: Manifest;
  jobs: readonly JobFile[];
  config(context: string): Config;
  /** For every job's process. */
  environment: Record<string, string>;
}

export async function startJobs(options: JobsOptions): Promise<TestJobs> {
  const { project, region, folder, manifest, jobs, environment } = options;
  const run = await startRun({
    port: 0,
    dataDir: join(folder, 'run'),
    environment,
    graceMs: 1_000,
    images: Object.fromEntries(
      jobs.map((job) => [
        imageOfJob(job),
        {
          command: [process.execPath, join(ROOT, 'emulators', 'jobs', 'main.ts'), job.path, job.name, job.context],
          args: [JSON.stringify(functionsCalledBy(manifest, job))],
          cwd: ROOT,
        },
      ]),
    ),
  });
  const runUrl = `http://127.0.0.1:${run.port}`;
  process.env.RUN_ENDPOINT = runUrl;
  const planned = jobs.map(({ name, context, file, declaration }) => ({
    name,
    context,
    file,
    region,
    serviceAccount: options.config(context).serviceAccount,
    env: { ...variablesOf(options.config(context)), RUN_ENDPOINT: runUrl },
    calls: functionsCalledBy(manifest, { name, context, file, declaration }),
    timeoutSeconds: declaration.deployment.timeoutSeconds ?? 600,
    maxRetries: declaration.deployment.maxRetries ?? 3,
  }));
  await provisionJobs({ project, jobs: planned }, runUrl, ({ env }) => env);
  let known = 0;
  return {
    async finished() {
      const before = known;
      for (;;) {
        const executions = await executionsOf(runUrl, `projects/${project}/locations/${region}`, jobs);
        known = executions.length;
        if (executions.every(({ completionTime }) => completionTime !== undefined)) return known > before;
        await delay(POLL_MS);
      }
    },
    async close() {
      await run.close();
      delete process.env.RUN_ENDPOINT;
    },
  };
}

async function executionsOf(
  runUrl: string,
  parent: string,
  jobs: readonly JobFile[],
): Promise<{ completionTime?: string }[]> {
  const lists = await Promise.all(
    jobs.map(async ({ name }) => {
      const answer = await fetch(`${runUrl}/v2/${parent}/jobs/${name}/executions`);
      return (await answer.json()) as { executions?: { completionTime?: string }[] };
    }),
  );
  return lists.flatMap(({ executions = [] }) => executions);
}

/** What functions/core/config.ts reads. */
function variablesOf(config: Config): Record<string, string> {
  const { database } = config;
  return {
    ENVIRONMENT: config.environment,
    GOOGLE_CLOUD_PROJECT: config.projectId,
    REGION: config.region,
    SERVICE_ACCOUNT: config.serviceAccount,
    DATABASE_HOST: database.host,
    DATABASE_PORT: String(database.port),
    DATABASE_NAME: database.name,
    DATABASE_USER: database.user,
    DATABASE_PASSWORD: database.password,
    DATABASE_OUTBOX_USER: database.outboxUser,
    DATABASE_OUTBOX_PASSWORD: database.outboxPassword,
    DATABASE_MAX_CONNECTIONS: String(database.maxConnections),
    DATABASE_NAMED_STATEMENTS: String(database.namedStatements),
    ADDRESSES: JSON.stringify(config.addresses),
    GCE_METADATA_HOST: new URL(config.metadataServer).host,
  };
}

import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import type { LocalPlan } from '../../infra/local-plan.ts';
import { resumeClock, type Steered } from '../faults/steering.ts';
import { startGateway } from '../gateway/server.ts';
import { startIdentity } from '../identity/server.ts';
import { startKms } from '../kms/server.ts';
import { takenPortMessage } from '../ports.ts';
import { startScheduler } from '../scheduler/scheduler.ts';
import { firestoreIam, identitySettings, pubsubIam } from './access.ts';
import { buildBundles } from './bundles.ts';
import { type Child, startChild } from './child.ts';
import { hostedFunctions, jobImages, serviceVariables } from './environment.ts';
import type { CloudOptions, Ports } from './options.ts';
import { ROOT, readPlan } from './plan.ts';
import { migrateOnce, provisionOnce } from './prepare.ts';
import { provisionJobs } from './provision-jobs.ts';
import { type LocalSecrets, localSecrets } from './secrets.ts';

/** Fifty functions leave much short-lived garbage: with V8's usual 16 MB for it, a tenth of the host's CPU went into collecting. */
const HOST_FLAGS = ['--max-semi-space-size=32'];

/** The local Google Cloud while it runs. */
export interface Cloud {
  options: CloudOptions;
  plan: LocalPlan;
  secrets: LocalSecrets;
  services: Record<'postgres' | 'pubsub' | 'firestore' | 'venue', Child> & { workers: Child[] };
  /** The services that faults are armed in and whose clock is moved. */
  steered: Steered;
  /** Where the clock's lead is kept. */
  clockFile: string;
  secondsToReady: number;
  /** Calls a scheduled function now. */
  runSchedule(name: string): Promise<unknown>;
  /** Reads the plan again and serves the functions as they are now. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything the resource graph names, and resolves when requests and events flow. Rejects with one line where it cannot. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const startedAt = performance.now();
  const folder = resolve(options.folder);
  const { ports } = options;
  if (options.fresh) await forget(folder);
  await mkdir(join(folder, 'logs'), { recursive: true });
  await checkPorts(ports);
  const clockFile = join(folder, 'clock.json');
  resumeClock(clockFile);
  const secrets = await localSecrets(folder);
  const identityUrl = `http://127.0.0.1:${ports.identity}`;
  const child = (
    name: string,
    module: string,
    childOptions: () => unknown,
    env: Record<string, string> = {},
    execArgv: string[] = [],
  ): Promise<Child> =>
    startChild({
      name,
      module: join(ROOT, 'emulators', module, 'main.ts'),
      options: childOptions,
      env: { NODE_COMPILE_CACHE: join(folder, 'compile-cache'), ...env },
      logFile: join(folder, 'logs', `${name}.log`),
      execArgv,
    });
  const { fsync } = options;
  const starts: Promise<Child>[] = [];
  const keep = (starting: Promise<Child>): Promise<Child> => {
    starts.push(starting);
    return starting;
  };
  const listening: { close(): Promise<void> }[] = [];
  const startListening =
    <Options, Server extends { close(): Promise<void> }>(start: (options: Options) => Promise<Server>) =>
    async (serverOptions: Options): Promise<Server> => {
      const server = await start(serverOptions);
      listening.push(server);
      return server;
    };
  try {
    let [{ plan, hash }] = await Promise.all([readPlan(folder, ports), options.isolate ? buildBundles() : undefined]);
    const prepare = () =>
      Promise.all([migrateOnce(folder, plan, ports, secrets), provisionOnce(folder, plan, hash, ports, secrets)]);
    const variables = serviceVariables(plan, { ...options, folder }, secrets);
    // At each start: what a job's process is told of this machine may have changed.
    const provisionPlannedJobs = () =>
      provisionJobs(plan, `http://127.0.0.1:${ports.run}`, ({ env }) => ({ ...env, ...variables }));
    const [postgres, pubsub, firestore, venue, identity, storage, secretManager, run] = await Promise.all([
      keep(
        child('postgres', 'sql', () => ({
          port: ports.postgres,
          dataDir: join(folder, 'postgres'),
          password: secrets.postgresPassword,
          maxConnections: 300,
          fsync,
        })),
      ),
      keep(
        child('pubsub', 'pubsub', () => ({
          port: ports.pubsub,
          projectId: plan.project,
          dataDir: join(folder, 'pubsub'),
          fsync,
          identityUrl,
          storageUrl: `http://127.0.0.1:${ports.storage}`,
          ...(options.isolate ? { iam: pubsubIam(plan, identityUrl) } : {}),
        })),
      ),
      keep(
        child('firestore', 'firestore', () => ({
          port: ports.firestore,
          dataDir: join(folder, 'firestore'),
          fsync,
          indexes: plan.firestore.indexes,
          strictIndexes: options.strictIndexes ?? false,
          ...(options.isolate ? { iam: firestoreIam(plan, identityUrl) } : {}),
        })),
      ),
      keep(child('venue', 'venue', () => ({ port: ports.venue, directory: join(folder, 'venue'), fsync }))),
      startListening(startIdentity)({
        port: ports.identity,
        dataDir: join(folder, 'identity'),
        projectId: plan.project,
        ...identitySettings(plan, options),
      }),
      plan.buckets.length === 0
        ? undefined
        : keep(
            child('storage', 'storage', () => ({
              port: ports.storage,
              dataDir: join(folder, 'storage'),
              fsync,
              projectId: plan.project,
              pubsubHost: `127.0.0.1:${ports.pubsub}`,
              ...(plan.keyRings.length === 0 ? {} : { kmsUrl: `http://127.0.0.1:${ports.kms}` }),
              ...(plan.storageAgent === undefined
                ? {}
                : { publisher: { identityUrl, serviceAccount: plan.storageAgent } }),
              signerKeysUrl: `${identityUrl}/service_accounts/v1/jwk/`,
            })),
          ),
      Object.keys(plan.secrets).length === 0
        ? undefined
        : keep(
            child('secret-manager', 'secret-manager', () => ({
              port: ports['secret-manager'],
              dataDir: join(folder, 'secret-manager'),
              fsync,
            })),
          ),
      plan.jobs.length === 0
        ? undefined
        : keep(
            child('run', 'run', () => ({
              port: ports.run,
              dataDir: join(folder, 'run'),
              fsync,
              environment: variables,
              images: jobImages(plan, options),
            })),
          ),
    ]);
    const kms =
      plan.keyRings.length === 0
        ? undefined
        : await startListening(startKms)({ port: ports.kms, dataDir: join(folder, 'kms') });
    await prepare();
    await provisionPlannedJobs();

    const hostOptions = () => ({
      port: ports.host,
      origin: `http://127.0.0.1:${ports.host}`,
      identityUrl,
      functions: hostedFunctions(plan, options, variables),
      isolate: options.isolate,
      idleSeconds: options.idleSeconds,
    });
    const workers = await Promise.all(
      Array.from({ length: options.workers }, (_, index) =>
        keep(
          child(
            options.workers === 1 ? 'host' : `host-${index + 1}`,
            'host',
            hostOptions,
            { ...variables, TRACE_FILE: join(folder, 'traces', `spans-${index + 1}.ndjson`) },
            HOST_FLAGS,
          ),
        ),
      ),
    );
    const gateway = await startListening(startGateway)({
      port: ports.gateway,
      openapi: JSON.parse(plan.gateway.openapi),
      identityUrl,
      serviceAccount: plan.gateway.serviceAccount,
    });
    let scheduler = startScheduler({ jobs: schedulerJobs(plan), identityUrl });
    listening.push({ close: () => scheduler.close() });
    const seeds = plan.schedules.filter(({ name }) => !name.endsWith('-sweep'));
    await Promise.all(seeds.map(({ name }) => scheduler.runNow(name)));

    return {
      options: { ...options, folder },
      get plan() {
        return plan;
      },
      secrets,
      services: { postgres, pubsub, firestore, venue, workers },
      steered: {
        pubsub,
        firestore,
        ...(storage === undefined ? {} : { storage }),
        ...(secretManager === undefined ? {} : { 'secret-manager': secretManager }),
        ...(run === undefined ? {} : { run }),
      },
      clockFile,
      secondsToReady: (performance.now() - startedAt) / 1_000,
      runSchedule: (name) => scheduler.runNow(name),
      async reload() {
        [{ plan, hash }] = await Promise.all([readPlan(folder, ports), options.isolate ? buildBundles() : undefined]);
        await identity.methods.setServiceAccounts(identitySettings(plan, options));
        // Who may do what is in their options.
        if (options.isolate) await Promise.all([pubsub.restart(), firestore.restart()]);
        // Which command stands for a job is in its options; what runs of one is tried again.
        await run?.restart();
        await prepare();
        await provisionPlannedJobs();
        await Promise.all(workers.map((worker) => worker.restart()));
        await gateway.methods.reload({ openapi: JSON.parse(plan.gateway.openapi) });
        await scheduler.close();
        scheduler = startScheduler({ jobs: schedulerJobs(plan), identityUrl });
      },
      async stop() {
        await scheduler.close();
        await gateway.close();
        // Functions first, so that none meets a database that is gone; PostgreSQL last.
        await Promise.all([...workers.map((worker) => worker.stop()), run?.stop()]);
        await Promise.all([pubsub, firestore, venue, storage, secretManager].map((each) => each?.stop()));
        await identity.close();
        await kms?.close();
        await postgres.stop();
      },
    };
  } catch (error) {
    // Whatever listens would keep the process alive, and so would what is not ready yet.
    const started = (await Promise.allSettled(starts)).flatMap((start) =>
      start.status === 'fulfilled' ? [start.value] : [],
    );
    await Promise.all([...started.map((each) => each.stop()), ...listening.map((each) => each.close())]);
    throw error;
  }
}

/** What an earlier start left is deleted; bundles and caches, which are only made again, stay. */
async function forget(folder: string): Promise<void> {
  for (const name of [
    'postgres',
    'pubsub',
    'firestore',
    'venue',
    'storage',
    'secret-manager',
    'run',
    'kms',
    'clock.json',
    'identity',
    'traces',
    'logs',
    'secrets.json',
    'migrated',
    'provisioned',
  ]) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Says which port is taken before anything starts. */
async function checkPorts(ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const probe = createServer();
    await new Promise<void>((resolve_, reject) => {
      probe.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? new Error(takenPortMessage(port, `${name}-port`)) : error),
      );
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve_()));
    });
  }
}

function schedulerJobs(plan: LocalPlan) {
  return plan.schedules.map(({ name, cron, timeZone, uri, serviceAccount, audience, attemptDeadlineSeconds }) => ({
    name,
    schedule: cron,
    timeZone,
    attemptDeadline: `${attemptDeadlineSeconds}s`,
    httpTarget: { uri, httpMethod: 'POST' as const, oidcToken: { serviceAccountEmail: serviceAccount, audience } },
  }));
}

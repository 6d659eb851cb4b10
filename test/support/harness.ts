import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type postgres from 'postgres';
import { toAttributes } from '#contracts/kit/envelope.ts';
import { type Event, type EventData, orderingKey } from '#contracts/kit/event.ts';
import { type Operation, operationKey } from '#contracts/kit/operation.ts';
import { requestOf } from '#contracts/kit/request.ts';
import type { Config } from '#core/config.ts';
import type { Declaration } from '#core/function.ts';
import {
  collectManifest,
  contextsOf,
  eventsOf,
  type JobEntry,
  type Manifest,
  type ManifestEntry,
} from '#core/manifest.ts';
import { startFirestore } from '../../emulators/firestore/server.ts';
import { startIdentity } from '../../emulators/identity/server.ts';
import { startPubSub } from '../../emulators/pubsub/server.ts';
import type { StorageServer } from '../../emulators/storage/server.ts';
import { captureEvents, type Published } from './captured-events.ts';
import { declaredVariable, jobEnvironment, PROJECT, REGION, serviceAccountOf } from './declared-variables.ts';
import type { JobFile, TestJobs } from './jobs.ts';
import type { TestObjects } from './objects.ts';
import { FUNCTIONS_FOLDER, testDatabase } from './postgres.ts';
import { openPuller } from './puller.ts';
import { callerHeaders, startFunction, type TestCaller } from './served-function.ts';

export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  body: any;
  headers: Headers;
}

export type { TestCaller };

/** Functions on real PostgreSQL, Pub/Sub and Firestore, each behind functions-framework as in the cloud. */
export interface Harness {
  sql: postgres.Sql;
  config(context: string): Config;
  /** Calls an operation as a caller, or as nobody. The function is found by its contract. */
  request(
    contract: Operation,
    input: Record<string, unknown>,
    options?: { as?: TestCaller; headers?: Record<string, string> },
  ): Promise<Reply>;
  /** Pushes an event to one function, such as `risk-on-signal-generated`, as Pub/Sub would. Returns the HTTP status. */
  deliver<E extends Event>(
    functionName: string,
    event: E,
    data: EventData<E>,
    options?: DeliverOptions,
  ): Promise<number>;
  /** Calls a scheduled function. */
  schedule(functionName: string, at?: Date): Promise<number>;
  /** Tells a function of an object, as Cloud Storage would. Returns the HTTP status. */
  tell(functionName: string, attributes: Record<string, string>): Promise<number>;
  /** Cloud Storage, where the harness was started with it: its clock can be moved, its lifecycle rules applied. */
  storage: StorageServer | undefined;
  /** What has been published since the last time this was asked, in publish order. */
  published(type?: string): Promise<Published[]>;
  /**
   * Pushes what has been published to its consumers, objects to their takers, lets jobs end, and so on with what comes of it, until
   * nothing is left. Returns all events.
   */
  settle(options?: { only?: string[] }): Promise<Published[]>;
  close(): Promise<void>;
}

export interface DeliverOptions {
  tenant?: string;
  id?: string;
  time?: Date;
  headers?: Record<string, string>;
  attributes?: Record<string, string>;
}

export interface HarnessOptions {
  /** Variables beside the usual ones, such as VENUE_URL. */
  variables?: Record<string, string>;
  /** Use cases that stand in no context folder: fixtures. */
  functions?: { name: string; context: string; declaration: Declaration }[];
  /** Starts Cloud Storage with every bucket that functions declare. */
  storage?: boolean;
  /** Starts Cloud Run with every job. */
  jobs?: boolean;
  /** Jobs that stand in no context folder: fixtures. `path`: of the file. */
  jobFiles?: { name: string; context: string; declaration: JobEntry['declaration']; path: string }[];
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-harness-'));
  const database = await testDatabase();
  const collected = await collectManifest(FUNCTIONS_FOLDER);
  const fixtures = (options.functions ?? []).map(
    (each): ManifestEntry => ({ ...each, file: each.name.slice(each.context.length + 1) }),
  );
  const jobFiles: JobFile[] = [
    ...collected.jobs.map((job) => ({ ...job, path: join(FUNCTIONS_FOLDER, job.context, `${job.file}.ts`) })),
    ...(options.jobFiles ?? []).map((each) => ({ ...each, file: each.name.slice(each.context.length + 1) })),
  ];
  const manifest: Manifest = { functions: [...collected.functions, ...fixtures], jobs: jobFiles };
  const contexts = contextsOf(manifest);
  const identity = await startIdentity({
    port: 0,
    dataDir: join(folder, 'identity'),
    projectId: PROJECT,
    serviceAccounts: contexts.map(serviceAccountOf),
  });
  const pubsub = await startPubSub({ port: 0, dataDir: join(folder, 'pubsub'), projectId: PROJECT });
  const firestore = await startFirestore({ port: 0, dataDir: join(folder, 'firestore') });
  process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${pubsub.port}`;
  process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${firestore.port}`;
  process.env.GOOGLE_CLOUD_PROJECT = PROJECT;
  process.env.METADATA_SERVER_DETECTION = 'none';
  process.env.GCE_METADATA_HOST = `127.0.0.1:${identity.port}`;
  const puller = openPuller(PROJECT, pubsub.port);
  let objects: TestObjects | undefined;
  let jobs: TestJobs | undefined;
  if (options.storage === true) {
    const { startObjects } = await import('./objects.ts');
    const identityUrl = identity.issuer;
    objects = await startObjects({ project: PROJECT, folder, manifest, puller, pubsubPort: pubsub.port, identityUrl });
  }

  const addresses: Record<string, string> = {};
  const config = (context: string): Config => ({
    environment: 'local',
    projectId: PROJECT,
    region: REGION,
    serviceAccount: serviceAccountOf(context),
    database: database.config(context),
    addresses,
    metadataServer: identity.issuer,
    traces: { kind: 'none' },
    variable(name) {
      const value = options.variables?.[name] ?? declaredVariable(name, context, manifest);
      if (value === undefined) throw new Error(`the test sets no ${name}`);
      return value;
    },
  });
  const servers = new Map<string, Server>();
  for (const entry of manifest.functions) {
    const server = await startFunction(entry, manifest, config(entry.context));
    servers.set(entry.name, server.server);
    addresses[entry.name] = server.url;
  }
  const capture = await captureEvents(puller, eventsOf(manifest));
  if (options.jobs === true) {
    const { startJobs } = await import('./jobs.ts');
    const environment = jobEnvironment(manifest, options.variables);
    jobs = await startJobs({ project: PROJECT, region: REGION, folder, manifest, jobs: jobFiles, config, environment });
  }
  const entryNamed = (name: string): ManifestEntry => {
    const entry = manifest.functions.find((each) => each.name === name);
    if (entry === undefined) throw new Error(`there is no function ${name}`);
    return entry;
  };
  const push = async (name: string, message: object, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await fetch(addresses[entryNamed(name).name] ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ message, subscription: `projects/${PROJECT}/subscriptions/${name}` }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };

  /** The taker's operation is found by its path, as the push endpoint has it. */
  const tell = async (entry: ManifestEntry, attributes: Record<string, string>, messageId: string): Promise<number> => {
    const path = entry.declaration.kind === 'http' ? entry.declaration.contract.path : '';
    const answer = await fetch(`${addresses[entry.name]}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        message: { attributes, messageId, publishTime: new Date().toISOString() },
        subscription: `projects/${PROJECT}/subscriptions/${entry.name}`,
      }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  /** Whether there was anything to tell. */
  const deliverObjects = async (only: string[] | undefined): Promise<boolean> => {
    const told = (await objects?.take()) ?? [];
    for (const { bucket, message } of told) {
      for (const taker of manifest.functions) {
        if (taker.declaration.deployment.takesObjectsOf !== bucket) continue;
        if (only !== undefined && !only.includes(taker.name)) continue;
        const status = await tell(taker, message.attributes, message.id);
        if (status >= 300) throw new Error(`${taker.name} answered ${status} to ${message.attributes.objectId}`);
      }
    }
    return told.length > 0;
  };

  return {
    sql: database.sql,
    config,
    async request(contract, input, { as, headers = {} } = {}) {
      const entry = manifest.functions.find(({ declaration }) => declaration.contract === contract);
      if (entry === undefined) throw new Error(`nothing serves ${operationKey(contract)}`);
      const { url, body } = requestOf(addresses[entry.name] ?? '', contract, input);
      const answer = await fetch(url, {
        method: contract.method,
        body,
        headers: {
          ...(body === null ? {} : { 'content-type': 'application/json' }),
          ...callerHeaders(contract, as),
          ...headers,
        },
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text), headers: answer.headers };
    },
    deliver(
      functionName,
      event,
      data,
      { tenant, id = crypto.randomUUID(), time = new Date(), headers = {}, attributes = {} } = {},
    ) {
      const envelope = {
        id,
        type: event.type,
        source: '/test',
        time: time.toISOString(),
        tenant,
        sequence: undefined,
        causation: undefined,
        traceparent: undefined,
      };
      const key = orderingKey(event, data as Record<string, unknown>, tenant);
      return push(
        functionName,
        {
          data: Buffer.from(JSON.stringify(data)).toString('base64'),
          attributes: { ...toAttributes(envelope), ...attributes },
          messageId: id,
          ...(key === undefined ? {} : { orderingKey: key }),
        },
        headers,
      );
    },
    async schedule(functionName, at = new Date()) {
      const answer = await fetch(addresses[entryNamed(functionName).name] ?? '', {
        method: 'POST',
        headers: { 'x-cloudscheduler-scheduletime': at.toISOString() },
      });
      await answer.arrayBuffer();
      return answer.status;
    },
    storage: objects?.server,
    tell: (functionName, attributes) => tell(entryNamed(functionName), attributes, crypto.randomUUID()),
    async published(type) {
      const all = await capture.take();
      return type === undefined ? all : all.filter((each) => each.type === type);
    },
    async settle({ only } = {}) {
      const all: Published[] = [];
      for (;;) {
        const told = await deliverObjects(only);
        const batch = await capture.take();
        if (batch.length === 0 && !told && (await jobs?.finished()) !== true) break;
        all.push(...batch);
        for (const event of batch) {
          const consumers = manifest.functions.filter(
            ({ declaration }) => declaration.kind === 'event' && declaration.contract.type === event.type,
          );
          for (const { name } of consumers) {
            if (only !== undefined && !only.includes(name)) continue;
            const status = await push(name, {
              data: Buffer.from(JSON.stringify(event.data)).toString('base64'),
              attributes: event.attributes,
              messageId: event.id,
              ...(event.orderingKey === '' ? {} : { orderingKey: event.orderingKey }),
            });
            if (status !== 204) throw new Error(`${name} answered ${status} to ${event.type}`);
          }
        }
      }
      return all;
    },
    async close() {
      await puller.close();
      await jobs?.close();
      for (const server of servers.values()) server.close();
      for (const server of servers.values()) server.closeAllConnections();
      await database.close();
      await objects?.close();
      await pubsub.close();
      await firestore.close();
      await identity.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

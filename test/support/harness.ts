import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import type postgres from 'postgres';
import { toAttributes } from '#contracts/kit/envelope.ts';
import { type Event, type EventData, orderingKey } from '#contracts/kit/event.ts';
import { type Operation, operationKey } from '#contracts/kit/operation.ts';
import { requestOf } from '#contracts/kit/request.ts';
import type { Config } from '#core/config.ts';
import type { Declaration } from '#core/function.ts';
import { collectManifest, eventsOf, type Manifest, type ManifestEntry } from '#core/manifest.ts';
import { serve } from '#core/serve.ts';
import { startFirestore } from '../../emulators/firestore/server.ts';
import { startIdentity } from '../../emulators/identity/server.ts';
import { startPubSub } from '../../emulators/pubsub/server.ts';
import { captureEvents, type Published } from './captured-events.ts';
import { FUNCTIONS_FOLDER, testDatabase } from './postgres.ts';

const PROJECT = 'millrace-test';

export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there
  body: any;
  headers: Headers;
}

export interface TestCaller {
  tenant: string;
  id?: string;
  roles?: string[];
  plan?: string;
}

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
  /** What has been published since the last time this was asked, in publish order. */
  published(type?: string): Promise<Published[]>;
  /** Pushes what has been published to its consumers, and what they publish to theirs, until nothing is left. Returns all of it. */
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
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-harness-'));
  const database = await testDatabase();
  const collected = await collectManifest(FUNCTIONS_FOLDER);
  const fixtures = (options.functions ?? []).map(
    (each): ManifestEntry => ({ ...each, file: each.name.slice(each.context.length + 1) }),
  );
  const manifest: Manifest = { functions: [...collected.functions, ...fixtures] };
  const contexts = [...new Set(manifest.functions.map(({ context }) => context))];
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

  const addresses: Record<string, string> = {};
  const config = (context: string): Config => ({
    environment: 'local',
    projectId: PROJECT,
    region: 'local',
    serviceAccount: serviceAccountOf(context),
    database: database.config(context),
    addresses,
    metadataServer: identity.issuer,
    traces: { kind: 'none' },
    variable(name) {
      const value = options.variables?.[name];
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
  const capture = await captureEvents(PROJECT, eventsOf(manifest), pubsub.port);
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
    async published(type) {
      const all = await capture.take();
      return type === undefined ? all : all.filter((each) => each.type === type);
    },
    async settle({ only } = {}) {
      const all: Published[] = [];
      for (let batch = await capture.take(); batch.length > 0; batch = await capture.take()) {
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
      await capture.close();
      for (const server of servers.values()) server.close();
      for (const server of servers.values()) server.closeAllConnections();
      await database.close();
      await pubsub.close();
      await firestore.close();
      await identity.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const serviceAccountOf = (context: string) => `${context}@${PROJECT}.iam.gserviceaccount.com`;

async function startFunction(
  entry: ManifestEntry,
  manifest: Manifest,
  config: Config,
): Promise<{ server: Server; url: string }> {
  const calls = Object.fromEntries(
    (entry.declaration.deployment.calls ?? []).map((contract) => {
      const callee = manifest.functions.find(({ declaration }) => declaration.contract === contract);
      return [operationKey(contract), callee?.name ?? ''];
    }),
  );
  http(entry.name, serve(entry.declaration, { name: entry.name, context: entry.context, calls }, config));
  const server = getTestServer(entry.name);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { server, url: `http://127.0.0.1:${address.port}` };
}

/** What API Gateway, or another function, says of the caller. */
function callerHeaders(contract: Operation, as: TestCaller | undefined): Record<string, string> {
  if (as === undefined) return {};
  if (contract.audience === 'internal') return { 'x-millrace-tenant': as.tenant, 'x-millrace-caller': as.id ?? 'test' };
  const claims = {
    sub: as.id ?? 'user-1',
    org: as.tenant,
    roles: as.roles ?? [],
    plan: as.plan ?? 'standard',
    kind: 'user',
  };
  return { 'x-apigateway-api-userinfo': Buffer.from(JSON.stringify(claims)).toString('base64url') };
}

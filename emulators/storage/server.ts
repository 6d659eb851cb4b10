import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type * as z from 'zod';
import { now } from '../clock.ts';
import { idTokenSource } from '../identity/id-token-source.ts';
import { takenPortMessage } from '../ports.ts';
import { serve } from './dispatch.ts';
import { startSweeper } from './lifecycle/sweeper.ts';
import { EventPublisher } from './notifications/publisher.ts';
import { type StorageOptions, storageOptions } from './options.ts';
import { RetryTests } from './retry-test/retry-tests.ts';
import type { Service } from './service.ts';
import { Signers } from './signing/keys.ts';
import { Store } from './store/store.ts';

// Longer than any pause between two requests of a busy client: a closing idle connection loses races with its next one.
const KEEP_ALIVE_MS = 120_000;
/** An object's metadata travels in headers too. */
const MAX_HEADER_BYTES = 128 * 1024;

export interface StorageServer {
  port: number;
  close(): Promise<void>;
  methods: {
    stats(): { rssBytes: number };
    /** Applies what is due at once: lifecycle rules, the ends of soft deletion. */
    sweep(): Promise<void>;
    /** Resolves when every notification so far is with Pub/Sub. */
    published(): Promise<void>;
  };
  /** Moves the clock of this server alone, to so far ahead of the other services' in this process. */
  moveClock(aheadMs: number): void;
}

/**
 * Starts the local Cloud Storage on this machine only: JSON API, uploads and XML API on one port.
 * Rejects when the port is taken or a file under `dataDir` is damaged.
 */
export async function startStorage(options: StorageOptions): Promise<StorageServer> {
  const settings = storageOptions.parse(options);
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // An upload takes as long as it takes.
    requestTimeout: 0,
  });
  const port = await listen(server, settings.port);
  let store: Store;
  let signers: Signers;
  try {
    store = new Store({ ...settings, warn });
    signers = new Signers(store, settings.signers, {
      credentialsFile: settings.credentialsFile,
      keysUrl: settings.signerKeysUrl,
    });
  } catch (error) {
    server.close();
    throw error;
  }
  const clock = { aheadMs: 0 };
  const service: Service = {
    store,
    signers,
    uploads: { checksums: new Map(), writing: new Map() },
    now: () => new Date(now() + clock.aheadMs),
    kmsUrl: settings.kmsUrl,
    project: settings.projectId,
    softDeleteSeconds: settings.softDeleteSeconds,
    enforcesRetention: !settings.testBench,
    async commit(changes) {
      await store.commit(changes);
      publisher?.wake();
    },
    warn,
  };
  const publisher =
    settings.pubsubHost === undefined
      ? undefined
      : new EventPublisher(store, settings.pubsubHost, warn, tokensOf(settings.publisher));
  publisher?.wake();
  const retryTests = settings.testBench ? new RetryTests() : undefined;
  server.on('request', (request, response) => {
    serve(service, retryTests, request, response).catch((error: unknown) => {
      warn('a request could not be answered', { path: request.url, error: String(error) });
      response.destroy();
    });
  });
  const sweeper = startSweeper(service, settings.sweepEveryMs);
  let closing: Promise<void> | undefined;
  const close = async () => {
    await sweeper.close();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    await publisher?.close();
    await store.close();
  };
  return {
    port,
    close: () => {
      closing ??= close();
      return closing;
    },
    methods: {
      stats: () => ({ rssBytes: process.memoryUsage.rss() }),
      sweep: () => sweeper.run(),
      published: async () => publisher?.drained(),
    },
    moveClock: (aheadMs) => {
      clock.aheadMs = aheadMs;
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  const listening = once(server, 'listening');
  server.listen(port, '127.0.0.1');
  try {
    await listening;
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw isTaken ? new Error(takenPortMessage(port, 'storage-port'), { cause: error }) : error;
  }
  return (server.address() as AddressInfo).port;
}

/** Tokens for Pub/Sub of the account that publishes, where one is named. */
function tokensOf(publisher: z.output<typeof storageOptions>['publisher']): (() => Promise<string>) | undefined {
  if (publisher === undefined) return undefined;
  const tokenFor = idTokenSource(publisher);
  return () => tokenFor('pubsub');
}

/** One JSON line on stderr, in Cloud Logging's format. */
function warn(message: string, details: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify({ severity: 'WARNING', message, service: 'storage', ...details })}\n`);
}

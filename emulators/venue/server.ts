import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import { Journal } from '../log/journal.ts';
import { jsonCodec } from '../log/json-codec.ts';
import type { Service } from '../service-process.ts';
import { Exchange } from './exchange.ts';
import { openFaults } from './faults.ts';
import { Refusal, readJson, sendAnswer, sendProblem } from './http.ts';
import type { VenueRecord } from './records.ts';
import { InvalidRequest } from './requests.ts';
import { answer, type Venue } from './routes.ts';

/** How the paper exchange starts. */
export const venueOptions = z.strictObject({
  /** 0: any that is free. */
  port: z.int().min(0).max(65_535).default(0),
  /** Where the book lives; made when it is not there. */
  directory: z.string().min(1),
  /** Answers wait for the disk (power loss), not only for the system's cache (a killed process). */
  fsync: z.boolean().default(false),
  /** Bars of each instrument whose answers are kept for repetition, at least. */
  windowBars: z.int().min(1).default(8_192),
  compactAtBytes: z
    .int()
    .min(1)
    .default(64 * 1024 * 1024),
});

// Longer than any pause between two bars of a busy client: a closing idle connection loses races with its next request.
const KEEP_ALIVE_MS = 120_000;

/**
 * Starts the paper exchange on 127.0.0.1. It listens before it opens its book, so that a second process on the same
 * port ends before it touches the first one's files.
 * @throws when the port is taken, the options do not fit, or the book is damaged.
 */
export async function startVenue(options: z.input<typeof venueOptions>): Promise<Service> {
  const settings = venueOptions.parse(options);
  const opening = Promise.withResolvers<Venue>();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void serve(opening.promise, request, response);
  });
  const port = await listen(server, settings.port);

  const exchange = new Exchange(settings.windowBars);
  let journal: Journal<VenueRecord>;
  try {
    journal = new Journal({
      ...settings,
      codec: jsonCodec<VenueRecord>(),
      replay: (record) => exchange.apply(record),
      snapshot: () => exchange.snapshot(),
      warn,
    });
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
  const faults = openFaults(settings.directory);
  const commit: Venue['commit'] = (record) => {
    journal.append(record);
    exchange.apply(record);
  };
  const stored = async () => {
    try {
      await journal.settled();
    } catch (error) {
      throw new Refusal('unavailable', error instanceof Error ? error.message : String(error));
    }
  };
  opening.resolve({ exchange, faults, commit, stored });

  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await closed;
    await journal.close();
  };
  const stats = () => ({
    instruments: exchange.instruments.size,
    orders: exchange.orders.size,
    working: sum(exchange.books.values(), (book) => book.working.size),
    bars: sum(exchange.books.values(), (book) => book.bars.count),
    executions: exchange.executions.length,
    logBytes: journal.logBytes,
    generation: journal.generation,
    rssBytes: process.memoryUsage.rss(),
  });
  return { port, close, methods: { fault: (params) => faults.arm(params), stats } };
}

async function serve(opening: Promise<Venue>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const venue = await opening;
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/healthz') {
      await venue.stored();
      sendAnswer(response, { status: 200, body: { status: 'ok' } });
      return;
    }
    const [, version, ...path] = segmentsOf(pathname);
    if (version !== 'v1') throw new Refusal('not-found', `the exchange has no ${pathname}`);
    const body = await readJson(request);
    sendAnswer(response, await answer(venue, { method: request.method ?? 'GET', path, query, body }));
  } catch (error) {
    sendProblem(response, error);
  }
}

function segmentsOf(pathname: string): string[] {
  try {
    return pathname.split('/').map(decodeURIComponent);
  } catch (error) {
    throw new InvalidRequest([{ path: '', message: `${pathname} is not a path: ${String(error)}` }]);
  }
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
  try {
    await promise;
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw isTaken
      ? new Error(`port ${port} is taken: stop what uses it or pass --venue-port`, { cause: error })
      : error;
  }
  return (server.address() as AddressInfo).port;
}

function sum<T>(items: Iterable<T>, of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}

function warn(message: string, details: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify({ severity: 'WARNING', message, service: 'venue', ...details })}\n`);
}

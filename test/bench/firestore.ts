import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { LoadProcess, pause, rate } from './load.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';

const ROUNDS = 3;
const WARM_UP_MS = 2_000;
const WINDOW_MS = 4_000;
const CONCURRENCY = 32;
const DOCUMENTS = 100_000;
const QUERIES = 200;

/** What a load process is told. */
export interface FirestoreLoad {
  port: number;
  kind: 'write' | 'read';
  concurrency: number;
  /** Two processes write to different documents. */
  worker: number;
}

/** The local Firestore alone: writes and reads of single documents, and a query by an index. */
export const firestore: Measurement = {
  name: 'firestore',
  async measure(say) {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-firestore-'));
    const main = join(import.meta.dirname, '../../emulators/firestore/main.ts');
    const { process: server, ready } = await LoadProcess.start(main, { port: 0, dataDir });
    const port = Number(ready.port);
    try {
      const rates = { write: [] as number[], read: [] as number[] };
      for (let round = 1; round <= ROUNDS; round++) {
        rates.write.push(await rateOf(port, 'write'));
        rates.read.push(await rateOf(port, 'read'));
        say(
          `round ${round} of ${ROUNDS}: ${rates.write.at(-1)?.toFixed(0)} writes/s, ${rates.read.at(-1)?.toFixed(0)} reads/s`,
        );
      }
      const queryMs = await measureQueries(port);
      say(`queries: ${spreadOf(queryMs).median.toFixed(2)} ms`);
      return figuresOf(rates, queryMs);
    } finally {
      await server.end();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

async function rateOf(port: number, kind: FirestoreLoad['kind']): Promise<number> {
  const script = join(import.meta.dirname, 'firestore-load.ts');
  const load: FirestoreLoad = { port, kind, concurrency: CONCURRENCY, worker: 0 };
  const { process: client } = await LoadProcess.start(script, load);
  try {
    await pause(WARM_UP_MS);
    const from = await client.ask('report');
    await pause(WINDOW_MS);
    return rate(from, await client.ask('stop'));
  } finally {
    await client.end();
  }
}

/** Each query finds ten of the documents by equality and order, at a place of its own. */
async function measureQueries(port: number): Promise<number[]> {
  const client = new Firestore({ projectId: 'bench', host: `127.0.0.1:${port}`, ssl: false });
  try {
    const collection = client.collection('ticks');
    const writer = client.bulkWriter({ throttling: false });
    for (let n = 0; n < DOCUMENTS; n++) {
      void writer.set(collection.doc(`tick-${n}`), { sequence: n, instrument: `instrument-${n % 100}`, price: n / 7 });
    }
    await writer.close();
    const query = (at: number) =>
      collection
        .where('sequence', '>=', (at * 7_919) % DOCUMENTS)
        .orderBy('sequence')
        .limit(10);
    for (let at = 0; at < QUERIES; at++) await query(at).get();
    const durations: number[] = [];
    for (let at = 0; at < QUERIES; at++) {
      const startedAt = performance.now();
      await query(at).get();
      durations.push(performance.now() - startedAt);
    }
    return durations;
  } finally {
    await client.terminate();
  }
}

function figuresOf(rates: { write: number[]; read: number[] }, queryMs: readonly number[]): Figure[] {
  const load = `${CONCURRENCY} at a time from one process, requests encoded beforehand; ${ROUNDS} rounds of ${WINDOW_MS / 1_000} s`;
  return [
    {
      name: 'Firestore writes',
      unit: 'writes/s',
      spread: spreadOf(rates.write),
      target: { atLeast: 5_000 },
      key: 'firestoreWritesPerSecond',
      measured: `commits of one document of 200 B, durable against process kill; ${load}`,
    },
    {
      name: 'Firestore reads',
      unit: 'reads/s',
      spread: spreadOf(rates.read),
      target: { atLeast: 10_000 },
      key: 'firestoreReadsPerSecond',
      measured: `BatchGetDocuments of one document, as the official client reads; ${load}`,
    },
    {
      name: 'Firestore query by an index',
      unit: 'ms',
      spread: spreadOf(queryMs),
      target: { atMost: 10 },
      key: 'firestoreIndexedQueryMs',
      measured: `ten of ${DOCUMENTS.toLocaleString('en')} documents by range and order, official client; ${QUERIES} queries`,
    },
  ];
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Bucket, Storage } from '@google-cloud/storage';
import { LoadProcess } from './load.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';

const ROUNDS = 3;
const ROUND_MB = 512;
const LARGE_MB = 2048;
const MB = 1 << 20;
const SAMPLE_MS = 50;

/** The local Cloud Storage alone: how fast one resumable upload goes, and what memory a large one takes. */
export const storage: Measurement = {
  name: 'storage',
  async measure(say) {
    const rates = await onFreshServer(async (_, bucket) => {
      const measured: number[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        measured.push(await uploadRate(bucket, ROUND_MB));
        say(`round ${round} of ${ROUNDS}: ${measured.at(-1)?.toFixed(0)} MB/s`);
      }
      return measured;
    });
    const growthMb = await onFreshServer((server, bucket) => peakGrowthMb(server, () => uploadRate(bucket, LARGE_MB)));
    say(`an upload of ${LARGE_MB} MB: ${growthMb.toFixed(0)} MB of memory`);
    return figuresOf(rates, growthMb);
  },
};

async function onFreshServer<T>(measure: (server: LoadProcess, bucket: Bucket) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-storage-'));
  const main = join(import.meta.dirname, '../../emulators/storage/main.ts');
  const { process: server, ready } = await LoadProcess.start(main, { port: 0, dataDir, softDeleteSeconds: 0 });
  try {
    const client = new Storage({ apiEndpoint: `http://127.0.0.1:${ready.port}`, projectId: 'bench' });
    const [bucket] = await client.createBucket('millrace-bench');
    return await measure(server, bucket);
  } finally {
    await server.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Megabytes a second, from the first byte to the answer; the client's own checksum is left out, the server's is not. */
async function uploadRate(bucket: Bucket, megabytes: number): Promise<number> {
  const file = bucket.file('uploaded');
  const chunk = Buffer.alloc(MB, 'grain');
  const from = performance.now();
  const bytes = Readable.from(repeated(chunk, megabytes), { objectMode: false });
  await pipeline(bytes, file.createWriteStream({ resumable: true, validation: false }));
  return (megabytes * 1_000) / (performance.now() - from);
}

function* repeated(chunk: Buffer, times: number): Generator<Buffer> {
  for (let count = 0; count < times; count++) yield chunk;
}

/** How much more memory than idle a fresh server has resident, at most, while it takes a large upload. */
async function peakGrowthMb(server: LoadProcess, work: () => Promise<unknown>): Promise<number> {
  const idleMb = server.residentMb() ?? Number.NaN;
  let peakMb = idleMb;
  const sample = setInterval(() => {
    peakMb = Math.max(peakMb, server.residentMb() ?? Number.NaN);
  }, SAMPLE_MS);
  try {
    await work();
    return peakMb - idleMb;
  } finally {
    clearInterval(sample);
  }
}

function figuresOf(rates: readonly number[], growthMb: number): Figure[] {
  return [
    {
      name: 'Storage upload',
      unit: 'MB/s',
      spread: spreadOf(rates),
      key: 'storageUploadMbPerSecond',
      measured: `one resumable upload of ${ROUND_MB} MB by the official client without its checksum, CRC32C and MD5 on the server; ${ROUNDS} rounds`,
    },
    {
      name: 'Storage memory, upload of 2 GB',
      unit: 'MB',
      spread: spreadOf([growthMb]),
      target: { atMost: 100 },
      measured: 'the most that a fresh server had resident above what it has idle, seen every 50 ms',
    },
  ];
}

import { setTimeout as delay } from 'node:timers/promises';
import { changeLimits, getLimits } from '../../contracts/risk/api.ts';
import { readPolicy } from '../../functions/core/policy.ts';
import { PROJECT } from '../journeys/support/access.ts';
import { accepted, type Desk, openDesk } from '../journeys/support/desk.ts';
import type { OwnCloud } from '../journeys/support/own-cloud.ts';
import { withCloud } from './bench-cloud.ts';
import { percentile } from './load.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';
import { durationsOf } from './span-durations.ts';

const READ_ROUNDS = 10;
const READS = 100_000;
const WRITES = 200;
const WRITES_BEFORE = 50;
/** The local cloud gathers spans for a tenth of a second. */
const SPANS_WRITTEN_MS = 500;

/** What every decision pays for the policy in force, and what changing it costs. */
export const policy: Measurement = {
  name: 'policy',
  measure: (say) =>
    withCloud({}, async (cloud) => {
      const desk = await openDesk(cloud, 'Bench Desk');
      await cloud.quiet();
      return [await measureReads(cloud, desk), ...(await measureWrites(cloud, desk, say))];
    }),
};

async function measureReads(cloud: OwnCloud, { tenant }: Desk): Promise<Figure> {
  process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${cloud.ports.firestore}`;
  process.env.GOOGLE_CLOUD_PROJECT = PROJECT;
  process.env.METADATA_SERVER_DETECTION = 'none';
  const first = await readPolicy(tenant);
  if (first.kind !== 'known') throw new Error(`the fast copy of the policy is ${first.kind}`);
  const rounds: number[] = [];
  for (let round = 0; round < READ_ROUNDS; round++) {
    const startedAt = performance.now();
    for (let read = 0; read < READS; read++) await readPolicy(tenant);
    rounds.push((performance.now() - startedAt) / READS);
  }
  return {
    name: 'policy read, cached',
    unit: 'ms',
    spread: spreadOf(rounds),
    target: { atMost: 0.01 },
    key: 'policyReadMs',
    measured: `core's readPolicy, awaited, refreshes of the copy behind the answers included; ${READ_ROUNDS} rounds of ${READS.toLocaleString('en')}`,
  };
}

async function measureWrites({ folder }: OwnCloud, desk: Desk, say: (line: string) => void): Promise<Figure[]> {
  const roundTrips: number[] = [];
  let current = accepted(await desk.client.call(getLimits, {}));
  for (let write = 1; write <= WRITES_BEFORE + WRITES; write++) {
    // A tighter limit is in force at once: a looser one would wait for a second person.
    const limits = { ...current.limits, maxDailyLoss: String(Number(current.limits.maxDailyLoss) - 1) };
    const startedAt = performance.now();
    current = accepted(await desk.client.call(changeLimits, { limits }, { ifMatch: String(current.version) }));
    if (write > WRITES_BEFORE) roundTrips.push(performance.now() - startedAt);
  }
  await delay(SPANS_WRITTEN_MS);
  const { whole, inside } = await durationsOf(folder, 'risk-change-limits');
  const measured = (what: string) => `PUT /v1/risk/limits, ${what}; p50 of each tenth of ${WRITES} writes`;
  say(
    `${WRITES} writes, p99 of the transaction ${percentile(
      inside.toSorted((a, b) => a - b),
      0.99,
    ).toFixed(1)} ms`,
  );
  return [
    {
      name: 'policy write',
      unit: 'ms',
      spread: spreadOf(mediansOfTenths(inside.slice(-WRITES))),
      target: { atMost: 5 },
      key: 'policyWriteMs',
      measured: measured('BEGIN to COMMIT, idempotency key and outbox row included'),
    },
    {
      name: 'policy write, whole function',
      unit: 'ms',
      spread: spreadOf(mediansOfTenths(whole.slice(-WRITES))),
      measured: measured('request to answer in the function, the event with Pub/Sub by then'),
    },
    {
      name: 'policy write, through the gateway',
      unit: 'ms',
      spread: spreadOf(mediansOfTenths(roundTrips)),
      measured: measured("the typed client's call"),
    },
  ];
}

function mediansOfTenths(values: readonly number[]): number[] {
  const size = Math.ceil(values.length / 10);
  return Array.from({ length: 10 }, (_, tenth) => values.slice(tenth * size, (tenth + 1) * size))
    .filter((part) => part.length > 0)
    .map((part) => spreadOf(part).median);
}

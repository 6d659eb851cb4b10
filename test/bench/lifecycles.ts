import { setTimeout as delay } from 'node:timers/promises';
import type { OwnCloud } from '../journeys/support/own-cloud.ts';
import { withCloud } from './bench-cloud.ts';
import { type BenchMarket, openBenchMarket } from './bench-market.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';
import { atPace } from './pace.ts';
import { cpuSecondsBelow } from './processes.ts';

const INSTRUMENTS = 5;
/** Each instrument's bars follow one another in so many seconds; the instruments take turns. */
const BAR_EVERY_SECONDS = 1;
const RATES = [20, 40, 60, 80, 100, 125, 150, 175, 200, 225, 250, 300];
const PROBE_SECONDS = 6;
const SECONDS = 30;
const WINDOW_SECONDS = 5;
/** A rate is kept up with where so much of it is booked while it lasts: the rest is on its way. */
const KEPT_UP = 0.9;
const DRAIN_DEADLINE_MS = 120_000;

/** Signal to booked fill, as many a second as all of the local cloud on this machine can sustain. */
export const lifecycles: Measurement = {
  name: 'lifecycles',
  async measure(say) {
    return [
      await figureOf('process kill', false, say),
      // The same again, waiting for the disk.
      await figureOf('power loss (--fsync)', true, say),
    ];
  },
};

async function figureOf(durability: string, fsync: boolean, say: (line: string) => void): Promise<Figure> {
  return withCloud({ fsync }, async (cloud) => {
    const market = await openBenchMarket(cloud, INSTRUMENTS);
    try {
      const tenants = await market.openAccounts(((RATES.at(-1) ?? 0) * BAR_EVERY_SECONDS) / INSTRUMENTS);
      const sustained = await findSustained({ cloud, market, tenants }, (line) => say(`${durability}: ${line}`));
      const { offered, windows, notBooked, drainSeconds, cpuMs } = sustained;
      const cost = Object.entries(cpuMs).map(([name, milliseconds]) => `${name} ${milliseconds.toFixed(1)}`);
      return {
        name: `lifecycles, durable against ${durability}`,
        unit: '/s',
        spread: spreadOf(windows),
        ...(fsync ? {} : { target: { atLeast: 250 }, key: 'lifecyclesPerSecond' as const }),
        measured: `fills booked by portfolio a second over ${SECONDS} s at ${offered} signals/s, in windows of ${WINDOW_SECONDS} s; of the signals published, ${notBooked} were never booked; quiet ${drainSeconds.toFixed(1)} s after the last; ${INSTRUMENTS} instruments, a bar each every ${BAR_EVERY_SECONDS} s, one host process; CPU a lifecycle in ms: ${cost.join(', ')}`,
      };
    } finally {
      await market.close();
    }
  });
}

interface Floor {
  cloud: OwnCloud;
  market: BenchMarket;
  tenants: readonly string[];
}

interface Sustained {
  offered: number;
  /** Fills booked a second, by window. */
  windows: number[];
  /** Signals that came to nothing. */
  notBooked: number;
  /** CPU that one lifecycle took, in milliseconds, by process. */
  cpuMs: Record<string, number>;
  drainSeconds: number;
}

/** Raises the rate until it is not kept up with, then holds the last that was; where that fails over so long, a lower one. */
async function findSustained(floor: Floor, say: (line: string) => void): Promise<Sustained> {
  await offer(floor, RATES[0] ?? 1, PROBE_SECONDS);
  let highest = RATES[0] ?? 1;
  for (const rate of RATES) {
    const { windows } = await offer(floor, rate, PROBE_SECONDS);
    const booked = windows.at(-1) ?? 0;
    say(`${rate} signals/s offered, ${booked.toFixed(0)} booked`);
    if (booked < rate * KEPT_UP) break;
    highest = rate;
  }
  for (let rate = highest; ; rate = Math.floor(rate * 0.85)) {
    const sustained = await offer(floor, rate, SECONDS);
    const { median, least } = spreadOf(sustained.windows);
    say(`${rate} signals/s for ${SECONDS} s: ${median.toFixed(0)} booked, ${least.toFixed(0)} at least`);
    if (median >= rate * KEPT_UP || rate < 5) return sustained;
  }
}

/** Bars and signals at a steady pace for so long, then nothing until all of it is over. */
async function offer({ cloud, market, tenants }: Floor, rate: number, seconds: number): Promise<Sustained> {
  const before = await bookedFills(cloud);
  const cpuBefore = cpuSeconds(cloud);
  const perTurn = Math.max(1, Math.round((rate * BAR_EVERY_SECONDS) / INSTRUMENTS));
  const published = perTurn * INSTRUMENTS * (seconds / BAR_EVERY_SECONDS);
  const windows = countInWindows(cloud, seconds);
  await atPace(perTurn * (INSTRUMENTS / BAR_EVERY_SECONDS), seconds, async (index) => {
    const turn = Math.floor(index / perTurn);
    const instrument = market.instruments[turn % INSTRUMENTS] ?? '';
    if (index % perTurn === 0) await market.closeBar(instrument);
    await market.signal(tenants[index % perTurn] ?? '', instrument);
  });
  const endedAt = performance.now();
  const counted = await windows;
  await cloud.quiet(DRAIN_DEADLINE_MS);
  // The last signals' orders trade on the bar after.
  for (const instrument of market.instruments) await market.closeBar(instrument);
  await cloud.quiet(DRAIN_DEADLINE_MS);
  const drainSeconds = (performance.now() - endedAt) / 1_000;
  const booked = (await bookedFills(cloud)) - before;
  const cpuMs = Object.fromEntries(
    Object.entries(cpuSeconds(cloud)).map(([name, used]) => [name, ((used - (cpuBefore[name] ?? 0)) * 1_000) / booked]),
  );
  const offered = perTurn * (INSTRUMENTS / BAR_EVERY_SECONDS);
  return { offered, windows: counted, notBooked: published - booked, cpuMs, drainSeconds };
}

function cpuSeconds({ cloud: { services } }: OwnCloud): Record<string, number> {
  const { postgres, pubsub, firestore, venue, workers } = services;
  const { user, system } = process.cpuUsage();
  const below = cpuSecondsBelow({
    host: workers[0]?.pid(),
    postgres: postgres.pid(),
    pubsub: pubsub.pid(),
    firestore: firestore.pid(),
    venue: venue.pid(),
  });
  return { ...below, 'the load itself': (user + system) / 1e6 };
}

/** The first window has the orders that wait for their first bar in it, and is left out. */
async function countInWindows(cloud: OwnCloud, seconds: number): Promise<number[]> {
  const length = Math.min(WINDOW_SECONDS, seconds / 2);
  const startedAt = performance.now();
  const rates: number[] = [];
  let last: { at: number; fills: number } | undefined;
  for (let window = 0; window <= seconds / length; window++) {
    await delay(Math.max(0, startedAt + window * length * 1_000 - performance.now()));
    const now = { at: performance.now(), fills: await bookedFills(cloud) };
    if (last !== undefined && window > 1) rates.push(((now.fills - last.fills) * 1_000) / (now.at - last.at));
    last = now;
  }
  return rates;
}

async function bookedFills(cloud: OwnCloud): Promise<number> {
  const [row] = await cloud.sql<{ fills: number }[]>`select count(*)::int as fills from portfolio.fills`;
  return row?.fills ?? 0;
}

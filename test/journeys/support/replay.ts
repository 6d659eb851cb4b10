import { type BusinessState, snapshotBusinessState } from '../../../emulators/demo/business-state.ts';
import { type Reconciliation, reconcile } from '../../../emulators/demo/reconcile.ts';
import type { CloudAccess } from './access.ts';
import { mandate, openDesk } from './desk.ts';
import { FEED, INSTRUMENTS, type Market, openFeed, type Tick, ticksOf } from './prices.ts';

/** Bars that the models need before they say anything: these come in one message an instrument, before the replay. */
const WARM_UP_TICKS = 40;

interface ReplayedTick {
  instrument: Market;
  tick: Tick;
}

/** What a replay leaves behind. */
export interface Outcome {
  books: BusinessState;
  reconciliation: Reconciliation;
}

export interface ReplayOptions {
  /** Something done to the cloud while the flow that a tick caused is under way. */
  disturb?: (tick: number) => Promise<void>;
  /** Resolves when what the tick caused is over; `last`: after the last tick. The cloud's own quiet by default. */
  settle?: (last: boolean) => Promise<void>;
}

/** `rounds` ticks of each instrument, one after the other, as they follow the warm-up. */
export function replayTicks(rounds: number): ReplayedTick[] {
  const series = INSTRUMENTS.map((instrument) => ({ instrument, ticks: ticksOf(instrument, WARM_UP_TICKS + rounds) }));
  return Array.from({ length: rounds }, (_, round) =>
    series.flatMap(({ instrument, ticks }) => {
      const tick = ticks[WARM_UP_TICKS + round];
      return tick === undefined ? [] : [{ instrument, tick }];
    }),
  ).flat();
}

/** A desk with a mandate on each instrument, and models that are warm. No mandate hears the warm-up, which is not in lockstep. */
export async function prepare(cloud: CloudAccess): Promise<void> {
  await cloud.quiet();
  const feed = openFeed(cloud);
  for (const instrument of INSTRUMENTS) await feed.send(instrument, ticksOf(instrument, WARM_UP_TICKS));
  await feed.close();
  const desk = await openDesk(cloud);
  await cloud.quiet();
  for (const instrument of INSTRUMENTS) await mandate(desk, instrument);
  await cloud.quiet();
}

/** The next tick waits until the flow is quiet. The cloud is prepared. */
export async function replayInLockstep(
  cloud: CloudAccess,
  ticks: readonly ReplayedTick[],
  { disturb, settle = () => cloud.quiet() }: ReplayOptions = {},
): Promise<Outcome> {
  const feed = openFeed(cloud);
  try {
    for (const [index, { instrument, tick }] of ticks.entries()) {
      await feed.send(instrument, [tick]);
      await disturb?.(index);
      await settle(index === ticks.length - 1);
    }
  } finally {
    await feed.close();
  }
  return outcomeOf(cloud, ticks);
}

/** Ticks are published as fast as Pub/Sub takes them; what they cause is waited for once, at the end. The cloud is prepared. */
export async function replayFreely(
  cloud: CloudAccess,
  ticks: readonly ReplayedTick[],
  { disturb }: ReplayOptions = {},
): Promise<Outcome> {
  const feed = openFeed(cloud);
  try {
    for (const [index, { instrument, tick }] of ticks.entries()) {
      await feed.send(instrument, [tick]);
      await disturb?.(index);
    }
  } finally {
    await feed.close();
  }
  await cloud.quiet(120_000);
  return outcomeOf(cloud, ticks);
}

async function outcomeOf({ inspected }: CloudAccess, ticks: readonly ReplayedTick[]): Promise<Outcome> {
  const sent = ticks.length / INSTRUMENTS.length + WARM_UP_TICKS;
  const byInstrument = new Map(INSTRUMENTS.map((instrument) => [instrument, sent]));
  return {
    books: await snapshotBusinessState(inspected),
    reconciliation: await reconcile(inspected, { ticks: { feed: FEED, byInstrument } }),
  };
}

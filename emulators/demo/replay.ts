import { setTimeout as delay } from 'node:timers/promises';
import { priceUpdate } from '#contracts/market/events.ts';
import type { Publisher } from '#contracts/publisher.ts';
import { newTraceparent } from '#core/trace.ts';
import type { InstrumentTick } from './merge.ts';
import type { Pace } from './options.ts';

/** The demo's name as a feed. */
export const FEED = 'demo';

export interface Replay {
  publisher: Publisher;
  ticks: AsyncIterable<InstrumentTick>;
  /** The most ticks of an instrument that one message carries; one where it is not named. */
  ticksPerMessage: ReadonlyMap<string, number>;
  pace: Pace;
  /** Messages that the furthest behind of all consumers has still to process. */
  backlog(): Promise<number>;
  /** Resolves when everything published has had its effect, outboxes included. */
  quiet(): Promise<void>;
  /** Told after each run of messages how many ticks have been published. */
  onProgress(published: number): void;
  signal: AbortSignal;
}

const BACKLOG_POLL_MS = 2;
/** No bar is through all its consumers sooner: asking before then only costs what they run on. */
const LEAST_FLOW_MS = 8;

/** Publishes ticks at the pace asked for, and resolves with how many of each instrument. Stops early, between messages, when aborted. */
export async function replay(options: Replay): Promise<Map<string, number>> {
  const { publisher, ticks, ticksPerMessage, pace, quiet, onProgress, signal } = options;
  const published = new Map<string, number>();
  const startedAt = performance.now();
  let total = 0;
  for await (const batch of inBatches(ticks, pace.kind === 'lockstep' ? undefined : ticksPerMessage)) {
    if (signal.aborted) break;
    await Promise.all(
      Array.from(batch, ([instrument, own]) => {
        const before = published.get(instrument) ?? 0;
        published.set(instrument, before + own.length);
        total += own.length;
        return publishTicks(publisher, instrument, own, before + 1);
      }),
    );
    onProgress(total);
    await (pace.kind === 'lockstep' ? quiet() : untilProcessed(options));
    if (pace.kind === 'rate') {
      const dueMs = (total / pace.pricesPerSecond) * 1_000;
      await delay(Math.max(0, dueMs - (performance.now() - startedAt)), undefined, { signal }).catch(ignoreAbort);
    }
  }
  return published;
}

/**
 * Running ahead gains nothing: the market would have moved on when an order comes, which then has expired, and signals would be
 * refused as stale. A message is acknowledged after what it caused is published, so no backlog means that all of it is over.
 */
async function untilProcessed({ backlog, signal }: Replay): Promise<void> {
  await delay(LEAST_FLOW_MS);
  while ((await backlog()) > 0 && !signal.aborted) await delay(BACKLOG_POLL_MS);
}

/** Ids come from the tick's number: a replay of the same prices has the same events. */
async function publishTicks(
  publisher: Publisher,
  instrument: string,
  ticks: readonly InstrumentTick[],
  firstSequence: number,
): Promise<void> {
  const data = {
    instrument,
    feed: FEED,
    ticks: ticks.map(({ price, atMs, volume }, index) => ({
      price,
      at: new Date(atMs).toISOString(),
      sequence: firstSequence + index,
      ...(volume === undefined ? {} : { volume }),
    })),
  };
  await publisher.publish(priceUpdate, data, {
    id: `${FEED}-${instrument}-${firstSequence}`,
    traceparent: newTraceparent(),
  });
}

/** Runs of ticks in the order they come, each as long as none of its instruments has more than a message takes. One tick where no sizes are given. */
async function* inBatches(
  ticks: AsyncIterable<InstrumentTick>,
  ticksPerMessage: ReadonlyMap<string, number> | undefined,
): AsyncGenerator<Map<string, InstrumentTick[]>> {
  let batch = new Map<string, InstrumentTick[]>();
  for await (const tick of ticks) {
    const { instrument } = tick;
    const own = batch.get(instrument) ?? [];
    const isFull = own.length >= (ticksPerMessage?.get(instrument) ?? 1);
    if (isFull || (ticksPerMessage === undefined && batch.size > 0)) {
      yield batch;
      batch = new Map([[instrument, [tick]]]);
    } else batch.set(instrument, [...own, tick]);
  }
  if (batch.size > 0) yield batch;
}

function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error;
}

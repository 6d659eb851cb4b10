import { barClosed, priceUpdate } from '#contracts/market/events.ts';
import { eventFunction } from '#core/function.ts';
import { PermanentFailure } from '#core/problem.ts';
import { conflate } from './domain/conflate.ts';
import { lockTape, saveConflation } from './store/tapes.ts';

/** A message's ticks, conflated to bars: two round trips, however many ticks it carries. */
export default eventFunction(
  priceUpdate,
  // Prices of an instrument nobody has listed yet wait, in order, until somebody has: skipping them would make them late.
  { onPoison: 'park-key', emits: [barClosed], cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 10 },
  async ({ instrument, feed, ticks }, { tx, publish }) => {
    const locked = await lockTape(tx, instrument, feed);
    if (locked === undefined)
      throw new PermanentFailure(`unknown instrument ${instrument}: list it with POST /v1/instruments, then redrive`);
    const conflation = conflate(locked.tape, locked.feed, ticks, locked.barIntervalSeconds);
    await saveConflation(tx, instrument, feed, conflation);
    for (const bar of conflation.closed) publish(barClosed, { instrument, ...bar });
  },
);

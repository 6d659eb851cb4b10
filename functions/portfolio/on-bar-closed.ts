import { barClosed } from '#contracts/market/events.ts';
import { markRequested } from '#contracts/portfolio/events.ts';
import { eventFunction } from '#core/function.ts';
import { findHolders } from './store/holders.ts';

/** Asks every tenant that holds the instrument to mark it. One that opens on this very bar is marked with its fill. */
export default eventFunction(
  barClosed,
  { emits: [markRequested], onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 5 },
  async ({ instrument, sequence, closedAt, high, low, close }, { tx, publish }) => {
    const markedAt = { instrument, sequence, observedAt: closedAt };
    for (const tenant of await findHolders(tx, instrument)) {
      publish(markRequested, { instrument, high, low, close, markedAt }, { tenant });
    }
  },
);

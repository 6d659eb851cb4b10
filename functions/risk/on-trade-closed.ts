import { tradeClosed } from '#contracts/portfolio/events.ts';
import { circuitBreakerActivated } from '#contracts/risk/events.ts';
import { eventFunction } from '#core/function.ts';
import { closeTrade } from './domain/losses.ts';
import { lockLane, saveLane } from './store/lanes.ts';
import { loadEffectiveLimits } from './store/policies.ts';

/** Counts losses, and leaves a position alone that has lost too often or too much. A hedge is meant to lose when the book gains. */
export default eventFunction(
  tradeClosed,
  {
    onPoison: 'skip',
    emits: [circuitBreakerActivated],
    cpu: 1,
    memory: '512MiB',
    concurrency: 40,
    maxInstances: 10,
  },
  async ({ book, purpose, instrument, realizedPnl, closedAt }, { tx, publish }) => {
    if (purpose === 'HEDGE') return;
    const key = { book, purpose, instrument };
    const [limits, { lane }] = await Promise.all([
      loadEffectiveLimits(tx, new Date(closedAt.observedAt)),
      lockLane(tx, key),
    ]);
    if (limits === undefined) return;
    const { sequence, observedAt } = closedAt;
    const { losses, trips } = closeTrade(lane.losses, { realizedPnl, sequence, observedAt }, limits);
    await saveLane(tx, key, { ...lane, losses });
    for (const { cause, detail } of trips) {
      const where = `${book} ${purpose} ${instrument}: ${detail}`;
      publish(circuitBreakerActivated, { policy: 'policy', cause, detail: where, at: observedAt });
    }
  },
);

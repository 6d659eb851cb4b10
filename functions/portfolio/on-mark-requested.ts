import { markRequested } from '#contracts/portfolio/events.ts';
import { eventFunction } from '#core/function.ts';
import { markHolding } from './marking/mark-holding.ts';
import { markEvents } from './publishing/position-events.ts';
import { keepHolding, lockHolding } from './store/holdings.ts';

export default eventFunction(
  markRequested,
  { emits: [...markEvents], onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 10 },
  async ({ instrument, markedAt, ...prices }, { tx, publish }) => {
    const loaded = await lockHolding(tx, instrument);
    if (loaded === undefined) return;
    const marked = await markHolding(tx, publish, loaded, prices, markedAt);
    if (marked !== undefined) await keepHolding(tx, instrument, marked.holding, marked.changed);
  },
);

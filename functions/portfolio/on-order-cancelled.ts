import { orderCancelled } from '#contracts/execution/events.ts';
import { eventFunction } from '#core/function.ts';
import { releaseExit } from './store/exits.ts';

/** An exit that was withdrawn leaves its position open, in part at least: its protection may ask again. */
export default eventFunction(
  orderCancelled,
  { onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 5 },
  async ({ instrument, positionId }, { tx }) => {
    if (positionId !== undefined) await releaseExit(tx, instrument, positionId);
  },
);

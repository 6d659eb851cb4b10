import { orderFailed } from '#contracts/execution/events.ts';
import { eventFunction } from '#core/function.ts';
import { releaseExit } from './store/exits.ts';

/** An exit that was refused leaves its position open: its protection may ask again. */
export default eventFunction(
  orderFailed,
  { onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 5 },
  async ({ instrument, positionId }, { tx }) => {
    if (positionId !== undefined) await releaseExit(tx, instrument, positionId);
  },
);

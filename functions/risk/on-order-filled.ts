import { orderFilled } from '#contracts/execution/events.ts';
import { subtract } from '#contracts/kit/decimal.ts';
import { eventFunction } from '#core/function.ts';
import { fill, ofReservation } from './domain/lane.ts';
import { lockLane, saveLane } from './store/lanes.ts';

/** What traded is a position, and no longer a reservation. An exit had none. */
export default eventFunction(
  orderFilled,
  { onPoison: 'park-key', cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 10 },
  async ({ book, purpose, instrument, approvalId, side, quantity, filledAt }, { tx }) => {
    const key = { book, purpose, instrument };
    const { lane, reservation } = await lockLane(tx, key, approvalId);
    const open = reservation?.open ?? '0';
    const used = ofReservation(open, quantity);
    const filled = fill(lane, side, quantity, used, filledAt.sequence);
    await saveLane(tx, key, filled, reservation && { ...reservation, open: subtract(open, used) });
  },
);

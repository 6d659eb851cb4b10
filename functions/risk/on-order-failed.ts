import { orderFailed } from '#contracts/execution/events.ts';
import { subtract } from '#contracts/kit/decimal.ts';
import { eventFunction } from '#core/function.ts';
import { ofReservation, release } from './domain/lane.ts';
import { lockLane, saveLane } from './store/lanes.ts';

/** An order that never reached the book gives back its reservation. */
export default eventFunction(
  orderFailed,
  { onPoison: 'park-key', cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ book, purpose, instrument, approvalId, side, quantity, decidedAt }, { tx }) => {
    if (approvalId === undefined) return;
    const key = { book, purpose, instrument };
    const { lane, reservation } = await lockLane(tx, key, approvalId);
    if (reservation === undefined) return;
    const freed = ofReservation(reservation.open, quantity);
    const released = release(lane, side, freed, decidedAt.sequence);
    await saveLane(tx, key, released, { ...reservation, open: subtract(reservation.open, freed) });
  },
);

import { orderCancelled } from '#contracts/execution/events.ts';
import { subtract } from '#contracts/kit/decimal.ts';
import { eventFunction } from '#core/function.ts';
import { ofReservation, release } from './domain/lane.ts';
import { lockLane, saveLane } from './store/lanes.ts';

/** What is left of a cancelled order gives back its reservation; fills that are still to come use up the rest. */
export default eventFunction(
  orderCancelled,
  { onPoison: 'park-key', cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ book, purpose, instrument, approvalId, side, remaining, cancelledAt }, { tx }) => {
    if (approvalId === undefined) return;
    const key = { book, purpose, instrument };
    const { lane, reservation } = await lockLane(tx, key, approvalId);
    if (reservation === undefined) return;
    const freed = ofReservation(reservation.open, remaining);
    const released = release(lane, side, freed, cancelledAt.sequence);
    await saveLane(tx, key, released, { ...reservation, open: subtract(reservation.open, freed) });
  },
);

import { orderFilled } from '#contracts/execution/events.ts';
import type { EventData } from '#contracts/kit/event.ts';
import type { Transaction } from '#core/database.ts';
import { idOf } from '#core/determinism.ts';
import { eventFunction } from '#core/function.ts';
import { fillIn, type Holding } from './domain/holding.ts';
import type { Booking, Fill } from './domain/position.ts';
import { markHolding } from './marking/mark-holding.ts';
import { announceBooking, fillEvents } from './publishing/position-events.ts';
import { insertFill } from './store/fills.ts';
import { addHolder, removeHolder } from './store/holders.ts';
import { keepHolding, type Loaded, lockHolding, openLedger } from './store/holdings.ts';

/**
 * Books a fill, once. What is held is marked on the fill's bar first, so that stops and equity of a bar never see its fills, whichever
 * comes in first; ids come from the fill.
 */
export default eventFunction(
  orderFilled,
  { emits: [...fillEvents], onPoison: 'park-key', cpu: 1, concurrency: 40, maxInstances: 10 },
  async (filled, { tx, tenant, publish }) => {
    const { instrument, fillId, filledAt, bar } = filled;
    const fill = toFill(filled);
    const [isNew, loaded] = await Promise.all([
      insertFill(tx, fillId, filled.orderId, fill),
      lockHolding(tx, instrument),
    ]);
    if (!isNew) return;

    const before = loaded ?? (await firstHolding(tx, fill));
    const marked = await markHolding(tx, publish, before, bar, filledAt);
    const { holding, booking } = fillIn(marked?.holding ?? before.holding, fill, idOf('position', tenant, fillId));
    announceBooking(publish, booking, filledAt, (ordinal) => idOf('trade', tenant, fillId, String(ordinal)));

    const booked = [booking.closed, booking.open].filter((position) => position !== undefined);
    const alsoMarked = (marked?.changed ?? []).filter(
      ({ positionId }) => !booked.some((position) => position.positionId === positionId),
    );
    await Promise.all([
      keepHolding(tx, instrument, holding, [...alsoMarked, ...booked]),
      ...routeBars(tx, tenant, instrument, booking, holding),
    ]);
  },
);

async function firstHolding(tx: Transaction, { instrument, currency, filledAt }: Fill): Promise<Loaded> {
  await openLedger(tx, instrument, currency, filledAt.observedAt);
  const opened = await lockHolding(tx, instrument);
  if (opened === undefined) throw new Error(`the ledger of ${instrument} was not made`);
  return opened;
}

/** Bars of the instrument come to whoever holds it. */
function routeBars(
  tx: Transaction,
  tenant: string,
  instrument: string,
  { isNew }: Booking,
  { positions }: Holding,
): Promise<void>[] {
  if (positions.length === 0) return [removeHolder(tx, instrument, tenant)];
  return isNew ? [addHolder(tx, instrument, tenant)] : [];
}

function toFill(filled: EventData<typeof orderFilled>): Fill {
  const { instrument, book, purpose, side, quantity, price, fee, currency, multiplier, volatility, filledAt } = filled;
  const { positionId: closes, remaining: orderRemaining } = filled;
  return {
    instrument,
    book,
    purpose,
    side,
    quantity,
    price,
    fee,
    currency,
    multiplier,
    volatility,
    filledAt,
    closes,
    orderRemaining,
  };
}

import type { Transaction } from '#core/database.ts';
import type { Fill } from '../domain/position.ts';

/** Books a fill by its id; false where it is booked already. Taken first: whoever brings it again waits here and does nothing. */
export async function insertFill(tx: Transaction, fillId: string, orderId: string, fill: Fill): Promise<boolean> {
  const { instrument, book, purpose, side, quantity, price, fee, currency, multiplier, filledAt } = fill;
  const inserted = await tx`
    insert into fills (fill_id, order_id, instrument, book, purpose, side, quantity, price, fee, currency, multiplier,
      filled_sequence, filled_at)
    values (${fillId}, ${orderId}, ${instrument}, ${book}, ${purpose}, ${side}, ${quantity}, ${price}, ${fee}, ${currency},
      ${multiplier}, ${filledAt.sequence}, ${filledAt.observedAt})
    on conflict do nothing`;
  return inserted.count === 1;
}

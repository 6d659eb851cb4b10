import type { Transaction } from '#core/database.ts';
import type { OrderTerms } from '../domain/intent.ts';
import { type OrderRow, type StoredOrder, toOrder } from './order-row.ts';

/** Where orders net: rivals are orders of one place and one side. */
type Place = Pick<OrderTerms, 'instrument' | 'book' | 'purpose' | 'side'>;

/**
 * Lets one transaction at a time decide orders of a place. An exit and a signal decided on the same bar come in either order, or at
 * once, and must see each other.
 */
export async function lockPlace(tx: Transaction, { instrument, book, purpose }: Place): Promise<void> {
  const place = `${instrument}|${book}|${purpose}`;
  await tx`select pg_advisory_xact_lock(hashtextextended(current_tenant()::text || ${place}, 0))`;
}

/** Whether an exit on this side was decided on this bar and is not refused. */
export async function hasExitAt(tx: Transaction, place: Place, sequence: number): Promise<boolean> {
  const found = await tx`
    select 1 from orders
    where tenant = current_tenant() and instrument = ${place.instrument} and changed_sequence >= ${sequence}
      and book = ${place.book} and purpose = ${place.purpose} and side = ${place.side}
      and exit_id is not null and decided_sequence = ${sequence} and status <> 'FAILED' limit 1`;
  return found.length > 0;
}

/** Locks the orders of this side that a signal decided on this bar and that may still trade. */
export async function lockSignalOrdersAt(tx: Transaction, place: Place, sequence: number): Promise<StoredOrder[]> {
  const rows = await tx<OrderRow[]>`
    select * from orders
    where tenant = current_tenant() and instrument = ${place.instrument} and status in ('INTENDED', 'WORKING', 'PARTIALLY_FILLED')
      and book = ${place.book} and purpose = ${place.purpose} and side = ${place.side}
      and exit_id is null and decided_sequence = ${sequence}
    order by order_id for update`;
  return rows.map(toOrder);
}

/** Locks the exits of a position that may still trade. */
export async function lockExitsOf(tx: Transaction, instrument: string, positionId: string): Promise<StoredOrder[]> {
  const rows = await tx<OrderRow[]>`
    select * from orders
    where tenant = current_tenant() and instrument = ${instrument} and status in ('INTENDED', 'WORKING', 'PARTIALLY_FILLED')
      and position_id = ${positionId}
    order by order_id for update`;
  return rows.map(toOrder);
}

/**
 * Lots of market orders of this side that were open before the bar of that number: decided earlier, whatever that bar itself did to
 * them, because whether its report has come in yet is chance. They trade on that bar or the next. Limit orders are left out: they
 * may never trade.
 */
export async function openLotsBefore(tx: Transaction, place: Place, sequence: number): Promise<string> {
  const [row] = await tx<{ lots: string }[]>`
    select coalesce(sum(case o.status when 'CANCELLED' then o.filled else o.quantity end - coalesce(earlier.lots, 0)), 0)::text as lots
    from orders o
    left join lateral (
      select sum(f.quantity) as lots from fills f
      where f.tenant = o.tenant and f.order_id = o.order_id and f.filled_sequence < ${sequence}
    ) earlier on true
    where o.tenant = current_tenant() and o.instrument = ${place.instrument}
      and (o.status in ('INTENDED', 'WORKING', 'PARTIALLY_FILLED') or o.changed_sequence >= ${sequence})
      and o.book = ${place.book} and o.purpose = ${place.purpose} and o.side = ${place.side}
      and o.order_type = 'MARKET' and o.status <> 'FAILED' and o.decided_sequence < ${sequence}`;
  return row?.lots ?? '0';
}

import type { Transaction } from '#core/database.ts';
import type { Account } from '../domain/drawdown.ts';
import type { Holding } from '../domain/holding.ts';
import type { Position } from '../domain/position.ts';
import { type PositionRow, toColumns, toPosition } from './position-row.ts';

interface LedgerRow {
  currency: string;
  realized: string;
  fees: string;
  unrealized: string;
  mark_price: string | null;
  mark_sequence: string;
  mark_at: Date | null;
}

export interface Loaded {
  holding: Holding;
  account: Account;
  /** Result of the account's other instruments, as of their own last marks. */
  otherResults: string;
}

/**
 * Locks what a tenant holds of an instrument and reads the account it counts in. Undefined before its first fill. The statements go
 * out together, and each sees what was committed before it began: the positions are read after the lock is held.
 */
export async function lockHolding(tx: Transaction, instrument: string): Promise<Loaded | undefined> {
  const [[ledger], positions, [account]] = await Promise.all([
    tx<LedgerRow[]>`
      select currency, realized, fees, unrealized, mark_price, mark_sequence, mark_at from ledgers
      where tenant = current_tenant() and instrument = ${instrument} for update`,
    tx<PositionRow[]>`
      select * from positions where tenant = current_tenant() and instrument = ${instrument} and closed_at is null
      order by opened_at, position_id`,
    tx<(Account & { otherResults: string })[]>`
      select a.currency, a.starting_equity as "startingEquity", a.peak_equity as "peakEquity",
        a.drawdown_limit as "drawdownLimit", a.told_drawdown as "toldDrawdown", (
          select coalesce(sum(o.realized + o.unrealized - o.fees), 0) from ledgers o
          where o.tenant = a.tenant and o.currency = a.currency and o.instrument <> l.instrument
        ) as "otherResults"
      from ledgers l join accounts a on a.tenant = l.tenant and a.currency = l.currency
      where l.tenant = current_tenant() and l.instrument = ${instrument}`,
  ]);
  if (ledger === undefined || account === undefined) return undefined;
  const { otherResults, ...terms } = account;
  return { holding: toHolding(ledger, positions, instrument), account: terms, otherResults };
}

/** Makes the rows that a tenant's first fill in an instrument, and in a currency, is booked on. */
export async function openLedger(
  tx: Transaction,
  instrument: string,
  currency: string,
  filledAt: string,
): Promise<void> {
  await Promise.all([
    tx`insert into accounts (currency, starting_equity, drawdown_limit, peak_equity)
      select ${currency}, coalesce(t.starting_equity, 0), coalesce(t.drawdown_limit, 1), coalesce(t.starting_equity, 0)
      from (select 1) one left join lateral (
        select starting_equity, drawdown_limit from account_terms
        where currency = ${currency} and valid_from <= ${filledAt}::timestamptz order by valid_from desc limit 1
      ) t on true
      on conflict do nothing`,
    tx`insert into ledgers (instrument, currency) values (${instrument}, ${currency}) on conflict do nothing`,
  ]);
}

/** Writes what is held after a mark or a fill: what became of each position, and the totals. One round trip. */
export async function keepHolding(
  tx: Transaction,
  instrument: string,
  holding: Holding,
  changed: readonly Position[],
): Promise<void> {
  const { realized, fees, unrealized, mark } = holding;
  await Promise.all([
    tx`update ledgers set realized = ${realized}, fees = ${fees}, unrealized = ${unrealized},
        mark_price = ${mark?.price ?? null}, mark_sequence = ${mark?.at.sequence ?? -1}, mark_at = ${mark?.at.observedAt ?? null}
      where tenant = current_tenant() and instrument = ${instrument}`,
    ...(changed.length === 0 ? [] : [writePositions(tx, changed)]),
  ]);
}

/** A position that closes is written before the one that opens in its place: both in one statement would meet the unique index. */
async function writePositions(tx: Transaction, changed: readonly Position[]): Promise<void> {
  const closed = changed.filter((position) => position.closedAt !== undefined);
  const open = changed.filter((position) => position.closedAt === undefined);
  await Promise.all([closed, open].filter((some) => some.length > 0).map((some) => upsertPositions(tx, some)));
}

function upsertPositions(tx: Transaction, positions: readonly Position[]) {
  return tx`
    insert into positions (
      position_id, instrument, book, purpose, side, currency, multiplier, lots, quantity, cost, realized, fees, volatility, stop,
      stop_trails, exit_id, exit_reason, exit_pending, opened_sequence, opened_at, closed_sequence, closed_at)
    select * from jsonb_to_recordset(${tx.json(positions.map(toColumns))}) as p(
      position_id uuid, instrument text, book text, purpose text, side text, currency text, multiplier numeric, lots jsonb,
      quantity numeric, cost numeric, realized numeric, fees numeric, volatility double precision, stop numeric,
      stop_trails boolean, exit_id uuid, exit_reason text, exit_pending boolean, opened_sequence bigint, opened_at timestamptz,
      closed_sequence bigint, closed_at timestamptz)
    on conflict (tenant, position_id) do update set
      lots = excluded.lots, quantity = excluded.quantity, cost = excluded.cost, realized = excluded.realized,
      fees = excluded.fees, stop = excluded.stop, stop_trails = excluded.stop_trails, exit_id = excluded.exit_id,
      exit_reason = excluded.exit_reason, exit_pending = excluded.exit_pending, closed_sequence = excluded.closed_sequence,
      closed_at = excluded.closed_at`;
}

function toHolding(ledger: LedgerRow, positions: PositionRow[], instrument: string): Holding {
  const { currency, realized, fees, unrealized, mark_price: price, mark_at: at } = ledger;
  const sequence = Number(ledger.mark_sequence);
  return {
    currency,
    realized,
    fees,
    unrealized,
    mark:
      price === null || at === null ? undefined : { price, at: { instrument, sequence, observedAt: at.toISOString() } },
    positions: positions.map(toPosition),
  };
}

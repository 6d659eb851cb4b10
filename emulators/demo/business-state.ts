import type postgres from 'postgres';
import { asSuperuser, type InspectedCloud } from './superuser.ts';

/** A row without ids, tenants and wall-clock times, in canonical text. */
export type BusinessRow = Readonly<Record<string, unknown>>;

export interface BusinessState {
  bars: BusinessRow[];
  decisions: BusinessRow[];
  orders: BusinessRow[];
  fills: BusinessRow[];
  positions: BusinessRow[];
  profitAndLoss: BusinessRow[];
  accounts: BusinessRow[];
}

/**
 * What two runs over the same prices must agree on to the last digit: bars, decisions, orders, fills, positions and profit and loss.
 * Ids that a tenant's own id goes into and wall-clock times are left out, amounts are in canonical text, and rows stand in an order that
 * only their content decides. Take it when the flow is quiet.
 */
export async function snapshotBusinessState(cloud: InspectedCloud): Promise<BusinessState> {
  return asSuperuser(cloud, async (sql) => {
    const read = async (query: postgres.PendingQuery<postgres.Row[]>): Promise<BusinessRow[]> => inOrder(await query);
    const [bars, decisions, orders, fills, positions, profitAndLoss, accounts] = await Promise.all([
      read(sql`
        select instrument, sequence, opened_at, closed_at, trim_scale(open) as open, trim_scale(high) as high, trim_scale(low) as low,
          trim_scale(close) as close, trim_scale(volume) as volume, ticks, price_sequence
        from market.bars`),
      read(sql`
        select strategy, instrument, book, purpose, side, outcome, reason, trim_scale(quantity) as quantity, model_version, halt_epoch,
          sequence, observed_at
        from risk.decisions`),
      read(sql`
        select instrument, book, purpose, side, order_type, time_in_force, trim_scale(quantity) as quantity,
          trim_scale(limit_price) as limit_price, approval_id is not null as from_signal, volatility, decided_sequence, decided_at, status,
          trim_scale(filled) as filled, trim_scale(withdrawn) as withdrawn, failure_reason, cancel_cause
        from execution.orders`),
      read(sql`
        select fill_id, instrument, book, purpose, side, trim_scale(quantity) as quantity, trim_scale(price) as price,
          trim_scale(fee) as fee, currency, trim_scale(multiplier) as multiplier, filled_sequence, filled_at
        from portfolio.fills`),
      read(sql`
        select instrument, book, purpose, side, currency, lots, trim_scale(quantity) as quantity, trim_scale(cost) as cost,
          trim_scale(realized) as realized, trim_scale(fees) as fees, volatility, trim_scale(stop) as stop, stop_trails, exit_reason,
          exit_pending, opened_sequence, opened_at, closed_sequence, closed_at
        from portfolio.positions`),
      read(sql`
        select instrument, currency, trim_scale(realized) as realized, trim_scale(fees) as fees, trim_scale(unrealized) as unrealized,
          trim_scale(mark_price) as mark_price, mark_sequence, mark_at
        from portfolio.ledgers`),
      read(sql`
        select currency, trim_scale(starting_equity) as starting_equity, trim_scale(peak_equity) as peak_equity,
          trim_scale(told_drawdown) as told_drawdown
        from portfolio.accounts`),
    ]);
    return { bars, decisions, orders, fills, positions, profitAndLoss, accounts };
  });
}

function inOrder(rows: readonly postgres.Row[]): BusinessRow[] {
  const texts = rows.map((row) => JSON.stringify(row)).sort();
  return texts.map((text) => JSON.parse(text) as BusinessRow);
}

import type { Rows, Transaction } from '#core/database.ts';
import type { Strategy } from '../domain/ensemble.ts';

export interface Mandate {
  mandateId: string;
  strategy: Strategy;
  instrument: string;
  book: string;
  maxPositionLots: number;
  grantedBy: string;
  /** RFC 3339 in UTC. */
  grantedAt: string;
}

/** The tenant's mandates, oldest first. */
export async function loadMandates(tx: Transaction): Promise<Mandate[]> {
  const rows: Rows<Omit<Mandate, 'grantedAt'> & { grantedAt: Date }> = await tx`
    select mandate_id as "mandateId", strategy, instrument, book, max_position_lots as "maxPositionLots",
      granted_by as "grantedBy", granted_at as "grantedAt"
    from mandates order by granted_at, mandate_id`;
  return rows.map((row) => ({ ...row, grantedAt: row.grantedAt.toISOString() }));
}

/** Writes a mandate and the route its signals take; false where the tenant has one of that strategy, instrument and book. */
export async function insertMandate(tx: Transaction, tenant: string, mandate: Mandate): Promise<boolean> {
  const rows: Rows<{ mandate_id: string }> = await tx`
    with granted as (
      insert into mandates (mandate_id, strategy, instrument, book, max_position_lots, granted_by, granted_at)
      values (${mandate.mandateId}, ${mandate.strategy}, ${mandate.instrument}, ${mandate.book}, ${mandate.maxPositionLots},
        ${mandate.grantedBy}, ${mandate.grantedAt})
      on conflict (tenant, strategy, instrument, book) do nothing
      returning mandate_id, instrument, strategy, book, max_position_lots
    )
    insert into signal_routes (mandate_id, instrument, strategy, recipient, book, max_position_lots)
    select mandate_id, instrument, strategy, ${tenant}, book, max_position_lots from granted
    returning mandate_id`;
  return rows.length > 0;
}

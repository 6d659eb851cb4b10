import type { Rows, Transaction } from '#core/database.ts';
import type { Strategy } from '../domain/ensemble.ts';
import type { ModelState } from '../domain/model.ts';

export interface StoredModel {
  /** The last bar it has seen. */
  sequence: number;
  state: ModelState;
}

export async function loadModel(
  tx: Transaction,
  instrument: string,
  version: string,
): Promise<StoredModel | undefined> {
  const rows: Rows<{ sequence: string; state: ModelState }> = await tx`
    select sequence, state from model_states where instrument = ${instrument} and model_version = ${version}`;
  return rows[0] === undefined ? undefined : { sequence: Number(rows[0].sequence), state: rows[0].state };
}

/** Replaces a model's state; false where another bar has changed it since `previous` was read. */
export async function saveModel(
  tx: Transaction,
  instrument: string,
  version: string,
  previous: StoredModel | undefined,
  next: StoredModel,
): Promise<boolean> {
  const rows = await tx`
    insert into model_states as known (instrument, model_version, sequence, state)
    values (${instrument}, ${version}, ${next.sequence}, ${tx.json({ ...next.state })})
    on conflict (instrument, model_version) do update set sequence = excluded.sequence, state = excluded.state
    where known.sequence = ${previous?.sequence ?? null}
    returning 1`;
  return rows.length > 0;
}

/** A mandate that signals of its strategy and instrument go out under. */
export interface SignalRoute {
  mandateId: string;
  tenant: string;
  strategy: Strategy;
  book: string;
  maxPositionLots: number;
}

/** Always in the same order, so that a redelivered bar gives each signal the id it had. */
export async function loadRoutes(
  tx: Transaction,
  instrument: string,
  strategies: readonly Strategy[],
): Promise<SignalRoute[]> {
  if (strategies.length === 0) return [];
  const rows: Rows<SignalRoute> = await tx`
    select mandate_id as "mandateId", recipient as tenant, strategy, book, max_position_lots as "maxPositionLots"
    from signal_routes
    where instrument = ${instrument} and strategy in (select jsonb_array_elements_text(${tx.json([...strategies])}))
    order by mandate_id`;
  return [...rows];
}

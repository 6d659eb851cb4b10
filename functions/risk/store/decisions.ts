import type { Purpose, Side } from '#contracts/kit/trading-terms.ts';
import type { Transaction } from '#core/database.ts';
import type { CheckResult } from '../domain/decide.ts';
import type { Lane } from '../domain/lane.ts';
import type { Reason } from '../domain/reasons.ts';
import { laneColumns } from './lanes.ts';

export interface StoredDecision {
  signalId: string;
  mandateId: string;
  strategy: string;
  instrument: string;
  book: string;
  purpose: Purpose;
  side: Side;
  result:
    | { outcome: 'approved'; approvalId: string; quantity: string }
    | { outcome: 'rejected'; reason: Reason; detail: string };
  policyVersion: number;
  modelVersion: string;
  haltEpoch: number;
  sequence: number;
  observedAt: string;
  checks: CheckResult[];
}

/** Records a rejection. False where the signal has a decision already: then nothing is changed. */
export async function saveRejection(tx: Transaction, decision: StoredDecision): Promise<boolean> {
  const rows = await insertDecision(tx, decision);
  return rows.length > 0;
}

/** Records an approval with what it reserves of its lane. False where the signal has a decision already: then nothing is changed. */
export async function saveApproval(
  tx: Transaction,
  decision: StoredDecision & { result: { outcome: 'approved' } },
  lane: Lane,
): Promise<boolean> {
  const { signalId, side, book, purpose, instrument } = decision;
  const { approvalId, quantity } = decision.result;
  const rows = await tx`
    with decision as (${insertDecision(tx, decision)}), reservation as (
      insert into reservations (approval_id, signal_id, side, quantity, open)
      select ${approvalId}::uuid, ${signalId}::uuid, ${side}, ${quantity}::numeric, ${quantity}::numeric from decision
    )
    update lanes set ${tx(laneColumns(tx, lane))}
    where tenant = current_tenant() and book = ${book} and purpose = ${purpose} and instrument = ${instrument}
      and exists (select from decision)
    returning 1 as decided`;
  return rows.length > 0;
}

function insertDecision(tx: Transaction, decision: StoredDecision) {
  const { result } = decision;
  const approved = result.outcome === 'approved' ? result : undefined;
  const rejected = result.outcome === 'rejected' ? result : undefined;
  return tx`
    insert into decisions (
      signal_id, mandate_id, strategy, instrument, book, purpose, side, outcome, reason, detail, approval_id, quantity,
      policy_version, model_version, halt_epoch, sequence, observed_at, checks
    ) values (
      ${decision.signalId}, ${decision.mandateId}, ${decision.strategy}, ${decision.instrument}, ${decision.book},
      ${decision.purpose}, ${decision.side}, ${result.outcome}, ${rejected?.reason ?? null}, ${rejected?.detail ?? null},
      ${approved?.approvalId ?? null}, ${approved?.quantity ?? null}, ${decision.policyVersion}, ${decision.modelVersion},
      ${decision.haltEpoch}, ${decision.sequence}, ${decision.observedAt}, ${tx.json(decision.checks.map(toJson))}
    )
    on conflict (tenant, signal_id) do nothing
    returning 1 as decided`;
}

interface DecisionRow {
  signal_id: string;
  mandate_id: string;
  strategy: string;
  instrument: string;
  book: string;
  purpose: Purpose;
  side: Side;
  outcome: 'approved' | 'rejected';
  reason: Reason;
  detail: string;
  approval_id: string;
  quantity: string;
  policy_version: number;
  model_version: string;
  halt_epoch: number;
  sequence: string;
  observed_at: Date;
  checks: CheckResult[];
}

/** The decision on a signal; undefined where there is none. */
export async function loadDecision(tx: Transaction, signalId: string): Promise<StoredDecision | undefined> {
  const [row] = await tx<DecisionRow[]>`
    select * from decisions where tenant = current_tenant() and signal_id = ${signalId}`;
  return row === undefined ? undefined : toDecision(row);
}

function toDecision(row: DecisionRow): StoredDecision {
  return {
    signalId: row.signal_id,
    mandateId: row.mandate_id,
    strategy: row.strategy,
    instrument: row.instrument,
    book: row.book,
    purpose: row.purpose,
    side: row.side,
    result:
      row.outcome === 'approved'
        ? { outcome: 'approved', approvalId: row.approval_id, quantity: row.quantity }
        : { outcome: 'rejected', reason: row.reason, detail: row.detail },
    policyVersion: row.policy_version,
    modelVersion: row.model_version,
    haltEpoch: row.halt_epoch,
    sequence: Number(row.sequence),
    observedAt: row.observed_at.toISOString(),
    checks: row.checks,
  };
}

function toJson({ check, passed, inputs, detail }: CheckResult) {
  return detail === undefined ? { check, passed, inputs } : { check, passed, inputs, detail };
}

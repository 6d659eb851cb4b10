import type { Transaction } from '#core/database.ts';
import { effectiveLimits, type Limits } from '../domain/limits.ts';
import type { Mode, Policy } from '../domain/policy.ts';

export interface PolicyRow {
  version: number;
  mode: string;
  trading_state: Policy['tradingState'];
  halt_epoch: number;
  limits: Limits;
  drawdown: string;
  changed_by: string;
  changed_at: Date;
  automatic: Policy['automatic'];
}

export interface ModeRow {
  mode: string;
  size_multiplier: string;
  minimum_confidence: string;
  permits_increase: boolean;
  needs_second_person: boolean;
  limits: Limits;
}

export function toPolicy(row: PolicyRow): Policy {
  return {
    version: row.version,
    mode: row.mode,
    tradingState: row.trading_state,
    haltEpoch: row.halt_epoch,
    limits: row.limits,
    drawdown: row.drawdown,
    changedBy: row.changed_by,
    changedAt: row.changed_at,
    automatic: row.automatic,
  };
}

export function toMode(row: ModeRow): Mode {
  return {
    mode: row.mode,
    sizeMultiplier: row.size_multiplier,
    minimumConfidence: row.minimum_confidence,
    permitsIncrease: row.permits_increase,
    needsSecondPerson: row.needs_second_person,
    limits: row.limits,
  };
}

/** The tenant's policy, unlocked. */
export async function loadPolicy(tx: Transaction): Promise<Policy | undefined> {
  const [row] = await tx<PolicyRow[]>`select * from policies where tenant = current_tenant()`;
  return row === undefined ? undefined : toPolicy(row);
}

/** The tenant's policy, locked until commit: decisions under way are waited for, and later ones wait. */
export async function lockPolicy(tx: Transaction): Promise<Policy | undefined> {
  const [row] = await tx<PolicyRow[]>`select * from policies where tenant = current_tenant() for update`;
  return row === undefined ? undefined : toPolicy(row);
}

/** Gives the tenant the policy that new ones begin with on that day, unless it has one. Whether it had none. */
export async function createPolicy(tx: Transaction, at: Date, by: string): Promise<boolean> {
  const rows = await tx`
    insert into policies (version, mode, trading_state, halt_epoch, limits, changed_by, changed_at)
    select 1, mode, 'RUNNING', 0, limits, ${by}, ${at}
    from starting_policies where valid_from <= ${at} order by valid_from desc limit 1
    on conflict (tenant) do nothing
    returning 1 as created`;
  return rows.length > 0;
}

export async function savePolicy(tx: Transaction, policy: Policy): Promise<void> {
  await tx`
    update policies set
      version = ${policy.version}, mode = ${policy.mode}, trading_state = ${policy.tradingState},
      halt_epoch = ${policy.haltEpoch}, limits = ${tx.json({ ...policy.limits })}, drawdown = ${policy.drawdown},
      changed_by = ${policy.changedBy}, changed_at = ${policy.changedAt}, automatic = ${automaticJson(tx, policy)}
    where tenant = current_tenant()`;
}

/** The mode's row as of that day; undefined where there is none. */
export async function loadMode(tx: Transaction, mode: string, at: Date): Promise<Mode | undefined> {
  const [row] = await tx<ModeRow[]>`
    select * from modes where mode = ${mode} and valid_from <= ${at} order by valid_from desc limit 1`;
  return row === undefined ? undefined : toMode(row);
}

/** The mode's row as of that day. Throws where there is none: a policy is never put into a mode that does not exist. */
export async function requireMode(tx: Transaction, mode: string, at: Date): Promise<Mode> {
  const row = await loadMode(tx, mode, at);
  if (row === undefined) throw new Error(`mode ${mode} has no row that is valid on ${at.toISOString()}`);
  return row;
}

/** The limits that decisions on that day go by; undefined where the tenant has no policy, or its mode no row then. */
export async function loadEffectiveLimits(tx: Transaction, at: Date): Promise<Limits | undefined> {
  const [row] = await tx<{ own: Limits; of_mode: Limits }[]>`
    select p.limits as own, m.limits as of_mode
    from policies p join modes m on m.mode = p.mode and m.valid_from <= ${at}
    where p.tenant = current_tenant() order by m.valid_from desc limit 1`;
  return row === undefined ? undefined : effectiveLimits(row.own, row.of_mode);
}

function automaticJson(tx: Transaction, { automatic }: Policy) {
  if (automatic === null) return null;
  return tx.json({ point: { ...automatic.point }, before: { ...automatic.before } });
}

import type { Transaction } from '#core/database.ts';
import type { ChangeRequest, Target } from '../domain/maker-checker.ts';

interface ChangeRequestRow {
  id: string;
  target: Target;
  policy_version: number;
  halt_epoch: number;
  requested_by: string;
  requested_at: Date;
  expires_at: Date;
  status: ChangeRequest['status'];
}

/** Requests that still wait for somebody at that time, oldest first. */
export async function loadPending(tx: Transaction, at: Date): Promise<ChangeRequest[]> {
  const rows = await tx<ChangeRequestRow[]>`
    select * from change_requests
    where tenant = current_tenant() and status = 'pending' and expires_at > ${at} order by requested_at, id`;
  return rows.map(toRequest);
}

/** One request, locked until commit. */
export async function lockRequest(tx: Transaction, id: string): Promise<ChangeRequest | undefined> {
  const [row] = await tx<ChangeRequestRow[]>`
    select * from change_requests where tenant = current_tenant() and id = ${id} for update`;
  return row === undefined ? undefined : toRequest(row);
}

/** The latest request to resume, if any is pending. The policy's lock keeps two of these apart. */
export async function loadResumeRequest(tx: Transaction): Promise<ChangeRequest | undefined> {
  const [row] = await tx<ChangeRequestRow[]>`
    select * from change_requests
    where tenant = current_tenant() and status = 'pending' and target ->> 'kind' = 'resume'
    order by requested_at desc, id limit 1`;
  return row === undefined ? undefined : toRequest(row);
}

export async function insertRequest(tx: Transaction, request: ChangeRequest): Promise<void> {
  const { id, target, policyVersion, haltEpoch, requestedBy, requestedAt, expiresAt, status } = request;
  await tx`
    insert into change_requests
      (id, target, policy_version, halt_epoch, requested_by, requested_at, expires_at, status)
    values (${id}, ${tx.json(targetJson(target))}, ${policyVersion}, ${haltEpoch}, ${requestedBy}, ${requestedAt}, ${expiresAt}, ${status})`;
}

/** Ends a request that is still pending; one that has ended stays as it ended. */
export async function settleRequest(
  tx: Transaction,
  id: string,
  status: 'confirmed' | 'lapsed',
  by: string,
  at: Date,
): Promise<void> {
  await tx`
    update change_requests set status = ${status}, settled_by = ${by}, settled_at = ${at}
    where tenant = current_tenant() and id = ${id} and status = 'pending'`;
}

function toRequest(row: ChangeRequestRow): ChangeRequest {
  return {
    id: row.id,
    target: row.target,
    policyVersion: row.policy_version,
    haltEpoch: row.halt_epoch,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    status: row.status,
  };
}

function targetJson(target: Target) {
  return target.kind === 'limits' ? { kind: target.kind, limits: { ...target.limits } } : { ...target };
}

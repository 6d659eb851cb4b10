import type { Transaction } from '#core/database.ts';
import type { PathRange, PortionKind } from '../domain/portions.ts';

/** What a worker holds while its lease lasts. */
export interface Portion extends PathRange {
  runId: string;
  stage: number;
  place: number;
  kind: PortionKind;
  lease: string;
  /** How often it was claimed, this time included. */
  attempts: number;
}

interface PortionRow {
  simulation_id: string;
  stage: number;
  place: number;
  kind: PortionKind;
  start_path: string;
  end_path: string;
  lease: string;
  attempts: number;
}

/** Renewed every second; a worker that is gone for so long is given up. By the database's clock, which all workers share. */
const LEASE_SECONDS = 20;

export async function insertPortions(
  tx: Transaction,
  runId: string,
  stage: number,
  ranges: readonly PathRange[],
): Promise<void> {
  const places = ranges.map(({ start, end }, place) => ({ place, start, end }));
  await tx`
    insert into run_portions (simulation_id, stage, place, kind, start_path, end_path)
    select ${runId}, ${stage}, place, 'paths', "start", "end"
    from jsonb_to_recordset(${tx.json(places)}) as r(place int, "start" bigint, "end" bigint)`;
}

/** The preparation of a run, or the merging of a stage: one piece of work that has no paths of its own. */
export async function insertTask(
  tx: Transaction,
  runId: string,
  stage: number,
  kind: 'prepare' | 'merge',
): Promise<void> {
  await tx`
    insert into run_portions (simulation_id, stage, place, kind, start_path, end_path)
    values (${runId}, ${stage}, -1, ${kind}, 0, 0)`;
}

/** Claims the first portion of these kinds that waits or whose lease ran out; undefined where there is none. The run is locked. */
export async function claimPortion(
  tx: Transaction,
  runId: string,
  kinds: readonly PortionKind[],
): Promise<Portion | undefined> {
  const [row] = await tx<PortionRow[]>`
    update run_portions p set state = 'leased', lease = gen_random_uuid(), attempts = p.attempts + 1, paths_done = 0,
      leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    where (p.tenant, p.simulation_id, p.stage, p.place) = (
      select o.tenant, o.simulation_id, o.stage, o.place from run_portions o
      where o.tenant = current_tenant() and o.simulation_id = ${runId} and o.kind = any(${kinds as PortionKind[]})
        and (o.state = 'waiting' or (o.state = 'leased' and o.leased_until <= clock_timestamp()))
      order by o.stage, o.place limit 1 for update skip locked)
    returning *`;
  return row === undefined ? undefined : toPortion(row);
}

/** Whether the lease still holds; it then holds on for its whole time. */
export async function renewLease(tx: Transaction, portion: Portion, pathsDone: number): Promise<boolean> {
  const { runId, stage, place, lease } = portion;
  const renewed = await tx`
    update run_portions set paths_done = ${pathsDone}, leased_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    where tenant = current_tenant() and simulation_id = ${runId} and stage = ${stage} and place = ${place}
      and state = 'leased' and lease = ${lease} returning place`;
  return renewed.length > 0;
}

/** Whether this is the first commit of the portion; a later one came to the same and changes nothing. */
export async function completePortion(tx: Transaction, { runId, stage, place, start, end }: Portion): Promise<boolean> {
  const done = await tx`
    update run_portions set state = 'done', lease = null, leased_until = null, paths_done = ${end - start}
    where tenant = current_tenant() and simulation_id = ${runId} and stage = ${stage} and place = ${place}
      and state <> 'done' returning place`;
  return done.length > 0;
}

/** Gives a portion back before its lease runs out, for whoever comes next. */
export async function releasePortion(tx: Transaction, { runId, stage, place, lease }: Portion): Promise<void> {
  await tx`
    update run_portions set state = 'waiting', lease = null, leased_until = null, paths_done = 0
    where tenant = current_tenant() and simulation_id = ${runId} and stage = ${stage} and place = ${place}
      and lease = ${lease}`;
}

/** How many portions are not done, and how many of them may be claimed now. */
export async function countOpenPortions(tx: Transaction, runId: string): Promise<{ open: number; claimable: number }> {
  const [row] = await tx<{ open: number; claimable: number }[]>`
    select count(*)::int as open,
      (count(*) filter (where state = 'waiting' or leased_until <= clock_timestamp()))::int as claimable
    from run_portions where tenant = current_tenant() and simulation_id = ${runId} and state <> 'done'`;
  return row ?? { open: 0, claimable: 0 };
}

/** The portions of paths that are done, in the order of their paths. */
export async function findDonePortions(
  tx: Transaction,
  runId: string,
): Promise<{ stage: number; place: number; start: number; end: number }[]> {
  const rows = await tx<PortionRow[]>`
    select * from run_portions
    where tenant = current_tenant() and simulation_id = ${runId} and kind = 'paths' and state = 'done' order by start_path`;
  return rows.map(({ stage, place, start_path, end_path }) => ({
    stage,
    place,
    start: Number(start_path),
    end: Number(end_path),
  }));
}

function toPortion(row: PortionRow): Portion {
  return {
    runId: row.simulation_id,
    stage: row.stage,
    place: row.place,
    kind: row.kind,
    start: Number(row.start_path),
    end: Number(row.end_path),
    lease: row.lease,
    attempts: row.attempts,
  };
}

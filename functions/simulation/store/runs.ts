import type { Transaction } from '#core/database.ts';
import { isOver, type Run, type RunState } from '../domain/run.ts';
import { type RunRow, toRun, writeCentres } from './run-row.ts';

export interface NewRun {
  id: string;
  name: string | undefined;
  workbookId: string;
  requestedBy: string;
  plan: string;
  request: object;
  paths: number;
  createdAt: Date;
}

/** Whether it was not there yet: a request that is repeated has the same id. */
export async function insertRun(tx: Transaction, run: NewRun): Promise<boolean> {
  const inserted = await tx`
    insert into simulations (simulation_id, name, workbook_id, state, requested_by, plan, request, paths, created_at)
    values (${run.id}, ${run.name ?? null}, ${run.workbookId}, 'queued', ${run.requestedBy}, ${run.plan},
      ${tx.json(run.request as never)}, ${run.paths}, ${run.createdAt})
    on conflict do nothing returning simulation_id`;
  return inserted.length > 0;
}

/** A run with what it was asked for; undefined where the tenant has none by that id. */
export async function findRun(tx: Transaction, id: string): Promise<{ run: Run; request: unknown } | undefined> {
  const [row] = await tx<(RunRow & { request: unknown })[]>`
    select * from simulations where tenant = current_tenant() and simulation_id = ${id}`;
  return row === undefined ? undefined : { run: toRun(row), request: row.request };
}

/**
 * A run, locked until commit. Whoever changes a run or its portions locks the run first: so workers, a cancellation and the merging of
 * one run come one after the other and never wait for each other in a circle. `at` is the database's clock, which all of them share.
 */
export async function lockRun(tx: Transaction, id: string): Promise<{ run: Run; at: Date } | undefined> {
  const [row] = await tx<(RunRow & { at: Date })[]>`
    select *, clock_timestamp() as at from simulations
    where tenant = current_tenant() and simulation_id = ${id} for update`;
  return row === undefined ? undefined : { run: toRun(row), at: row.at };
}

/** The run one version on, in this state; one that is over has no portions any more. */
export async function moveRun(
  tx: Transaction,
  run: Run,
  state: RunState,
  at: Date,
  failure?: { code: string; detail: string },
): Promise<Run> {
  const over = isOver({ state });
  const [row] = await tx<RunRow[]>`
    update simulations set state = ${state}, version = version + 1,
      finished_at = ${over ? at : null}, failure_code = ${failure?.code ?? null}, failure_detail = ${failure?.detail ?? null}
    where tenant = current_tenant() and simulation_id = ${run.id} returning *`;
  if (row === undefined) throw new RangeError(`there is no run ${run.id}`);
  if (over) await tx`delete from run_portions where tenant = current_tenant() and simulation_id = ${run.id}`;
  return toRun(row);
}

/** The first stage may begin: what runs the model is known. */
export async function startRun(tx: Transaction, run: Run, backend: string, at: Date): Promise<Run> {
  const [row] = await tx<RunRow[]>`
    update simulations set state = 'running', version = version + 1, backend = ${backend}, started_at = ${at}
    where tenant = current_tenant() and simulation_id = ${run.id} returning *`;
  if (row === undefined) throw new RangeError(`there is no run ${run.id}`);
  return toRun(row);
}

export async function beginStage(
  tx: Transaction,
  run: Run,
  stage: number,
  centres: readonly number[] | undefined,
): Promise<void> {
  await tx`
    update simulations set stage = ${stage}, centres = ${centres === undefined ? null : writeCentres(centres)}
    where tenant = current_tenant() and simulation_id = ${run.id}`;
}

/** Notes that progress is told, as of what the portions say. */
export async function noteProgress(tx: Transaction, run: Run, at: Date): Promise<Run> {
  const [row] = await tx<RunRow[]>`
    update simulations s set version = version + 1, progressed_at = ${at}, paths_done = (
      select coalesce(sum(p.paths_done), 0) from run_portions p
      where p.tenant = s.tenant and p.simulation_id = s.simulation_id and p.kind = 'paths')
    where s.tenant = current_tenant() and s.simulation_id = ${run.id} returning *`;
  if (row === undefined) throw new RangeError(`there is no run ${run.id}`);
  return toRun(row);
}

export async function notePathsDone(tx: Transaction, run: Run, paths: number): Promise<void> {
  await tx`
    update simulations set paths_done = ${paths} where tenant = current_tenant() and simulation_id = ${run.id}`;
}

/** The run goes on without a GPU, from its preparation on: what a GPU did is not mixed with what a processor does. */
export async function leaveGpu(tx: Transaction, run: Run, reason: string): Promise<void> {
  await tx`delete from run_portions where tenant = current_tenant() and simulation_id = ${run.id}`;
  await tx`
    update simulations set state = 'preparing', backend = null, stage = 0, centres = null, paths_done = 0, gpu_fallback = ${reason}
    where tenant = current_tenant() and simulation_id = ${run.id}`;
}

export async function noteGpuFallback(tx: Transaction, run: Run, reason: string): Promise<void> {
  await tx`
    update simulations set gpu_fallback = ${reason} where tenant = current_tenant() and simulation_id = ${run.id}`;
}

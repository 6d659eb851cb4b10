import type { Transaction } from '#core/database.ts';
import type { Run } from '../domain/run.ts';
import { type RunRow, toRun } from './run-row.ts';

/** A place in the list of runs: after the one asked for then, of that id. */
export interface PageMark {
  createdAt: Date;
  id: string;
}

/** Runs from the latest asked for to the earliest, beginning after `mark`. */
export async function findRuns(
  tx: Transaction,
  { state, workbookId }: { state?: string | undefined; workbookId?: string | undefined },
  mark: PageMark | undefined,
  limit: number,
): Promise<Run[]> {
  const rows = await tx<RunRow[]>`
    select * from simulations where tenant = current_tenant()
      ${mark === undefined ? tx`` : tx`and (created_at, simulation_id) < (${mark.createdAt}, ${mark.id})`}
      ${state === undefined ? tx`` : tx`and state = ${state}`}
      ${workbookId === undefined ? tx`` : tx`and workbook_id = ${workbookId}`}
    order by created_at desc, simulation_id desc limit ${limit}`;
  return rows.map(toRun);
}

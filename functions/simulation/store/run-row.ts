import type { Run, RunState } from '../domain/run.ts';

/** A row of `simulations`, without the request. */
export interface RunRow {
  simulation_id: string;
  version: string;
  name: string | null;
  workbook_id: string;
  state: RunState;
  requested_by: string;
  plan: string;
  paths: string;
  paths_done: string;
  backend: string | null;
  gpu_fallback: string | null;
  stage: number;
  centres: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  progressed_at: Date | null;
  failure_code: string | null;
  failure_detail: string | null;
}

export function toRun(row: RunRow): Run {
  return {
    id: row.simulation_id,
    version: Number(row.version),
    name: row.name ?? undefined,
    workbookId: row.workbook_id,
    state: row.state,
    requestedBy: row.requested_by,
    plan: row.plan,
    paths: Number(row.paths),
    pathsDone: Number(row.paths_done),
    backend: row.backend ?? undefined,
    gpuFallback: row.gpu_fallback ?? undefined,
    stage: row.stage,
    centres: row.centres === null ? undefined : readCentres(row.centres),
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    progressedAt: row.progressed_at ?? undefined,
    failure: row.failure_code === null ? undefined : { code: row.failure_code, detail: row.failure_detail ?? '' },
  };
}

/** The bits of the doubles: decimal text would lose a negative zero, and sketches of different centres do not merge. */
export function writeCentres(centres: readonly number[]): string {
  return Buffer.from(Float64Array.from(centres).buffer).toString('base64');
}

function readCentres(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readDoubleLE(index * 8));
}

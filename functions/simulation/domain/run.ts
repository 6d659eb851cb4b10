export type RunState = 'queued' | 'preparing' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A simulation that was asked for, and how far it is. */
export interface Run {
  id: string;
  version: number;
  name: string | undefined;
  workbookId: string;
  state: RunState;
  requestedBy: string;
  plan: string;
  paths: number;
  pathsDone: number;
  /** What runs the model: webassembly, recalculation, cuda; undefined before that is known. */
  backend: string | undefined;
  /** Why a run that was to have a GPU goes on without one. */
  gpuFallback: string | undefined;
  /** The stage that is being run, from 1; 0 before the first. */
  stage: number;
  /** The centres of the stage's sketches, where its values are counted. */
  centres: readonly number[] | undefined;
  createdAt: Date;
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  progressedAt: Date | undefined;
  failure: { code: string; detail: string } | undefined;
}

/** Whether nothing more will happen to it. */
export function isOver({ state }: Pick<Run, 'state'>): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

export interface Pace {
  pathsPerSecond: number;
  /** Undefined before there is a pace. */
  secondsLeft: number | undefined;
}

/** The pace since the first path, and how long the rest takes at it. */
export function paceOf({ paths, pathsDone, startedAt }: Run, at: Date): Pace {
  const seconds = startedAt === undefined ? 0 : (at.getTime() - startedAt.getTime()) / 1_000;
  const pathsPerSecond = seconds > 0 ? pathsDone / seconds : 0;
  return { pathsPerSecond, secondsLeft: pathsPerSecond > 0 ? (paths - pathsDone) / pathsPerSecond : undefined };
}

/** Progress is told at most so often. */
const PROGRESS_MILLISECONDS = 1_000;

export function isProgressDue({ progressedAt }: Run, at: Date): boolean {
  return progressedAt === undefined || at.getTime() - progressedAt.getTime() >= PROGRESS_MILLISECONDS;
}

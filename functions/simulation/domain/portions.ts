/** Some of a run's paths, from `start` up to `end`. */
export interface PathRange {
  start: number;
  end: number;
}

/** A portion is to take a worker so long: lost with its worker, little is lost; and there are enough for all workers. */
const PORTION_SECONDS = 4;
/** Its values travel through the bucket and a worker's memory. */
const PORTION_BYTES = 8 * 1024 ** 2;

/** How many paths a portion has: whole chunks, at least one. */
export function portionPaths(pathsPerSecond: number, bytesPerPath: number, chunkPaths: number): number {
  const byTime = (pathsPerSecond * PORTION_SECONDS) / chunkPaths;
  const byBytes = bytesPerPath === 0 ? Number.POSITIVE_INFINITY : PORTION_BYTES / (bytesPerPath * chunkPaths);
  return chunkPaths * Math.max(1, Math.floor(Math.min(byTime, byBytes)));
}

/** The range in portions of so many paths; the last may be short. */
export function portionsOf({ start, end }: PathRange, paths: number): PathRange[] {
  const portions: PathRange[] = [];
  for (let at = start; at < end; at += paths) portions.push({ start: at, end: Math.min(end, at + paths) });
  return portions;
}

/** Workers that are asked for: one for each portion, up to what a run may have. */
export function workersWanted(portions: number, most: number): number {
  return Math.max(1, Math.min(portions, most));
}

/** After so many claims without a commit, something in the portion itself kills its workers. */
export const MOST_ATTEMPTS = 25;

/** The preparation of a run, some of its paths, or the putting together of a stage. */
export type PortionKind = 'prepare' | 'paths' | 'merge';

export type Machine = 'cpu' | 'gpu';

/**
 * What a worker may take of a run whose paths are run on such a machine: one result never mixes paths of both, and a GPU is not held
 * for what it cannot do.
 */
export function kindsFor(worker: Machine, paths: Machine): readonly PortionKind[] {
  if (worker === 'gpu') return paths === 'gpu' ? ['paths'] : [];
  return paths === 'gpu' ? ['prepare', 'merge'] : ['prepare', 'paths', 'merge'];
}

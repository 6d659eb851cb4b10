import { type Moments, momentsOf } from '../statistics/moments.ts';
import { addToSketch, emptySketch, mergedSketch, type Sketch } from '../statistics/sketch.ts';
import { chunkPaths } from './settings.ts';

/** What is kept of an output's values where there are too many to keep: moments chunk by chunk, and one sketch. */
export type Tally = {
  /** By the chunk's place in the run. */
  readonly moments: Map<number, Moments>;
  readonly sketch: Sketch;
};

export function emptyTally(centre: number): Tally {
  return { moments: new Map(), sketch: emptySketch(centre) };
}

/** Adds the values of one whole chunk. */
export function addChunk(tally: Tally, chunk: number, values: Float64Array): void {
  tally.moments.set(chunk, momentsOf(values));
  addToSketch(tally.sketch, values);
}

/** Adds values from the run's first path on, chunk by chunk. */
export function addFromStart(tally: Tally, values: Float64Array): void {
  for (let start = 0; start < values.length; start += chunkPaths) {
    addChunk(tally, start / chunkPaths, values.subarray(start, start + chunkPaths));
  }
}

/** The tallies of disjoint chunks as one. */
export function mergedTally(a: Tally, b: Tally): Tally {
  return { moments: new Map([...a.moments, ...b.moments]), sketch: mergedSketch(a.sketch, b.sketch) };
}

/** Moments in the order of their chunks, whoever ran them. */
export function orderedMoments(tally: Tally): Moments[] {
  return [...tally.moments].sort(([a], [b]) => a - b).map(([, moments]) => moments);
}

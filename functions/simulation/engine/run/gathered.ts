import { percentileOf } from '../statistics/distribution-summary.ts';
import { orderedValues } from '../statistics/ordered-values.ts';
import { precisionReached } from './measure.ts';
import { chunkPaths, keptPaths, type RunSettings, sensitivityPaths } from './settings.ts';
import type { Stretch } from './stretch.ts';
import { addFromStart, emptyTally, mergedTally, type Tally } from './tally.ts';

/** What a run has come to: the same whoever ran which of its paths. */
export type Gathered = {
  /** Room for every kept path's outputs, and for the inputs' first paths. */
  readonly values: readonly SharedArrayBuffer[];
  /** Output by output, once there are more paths than are kept. */
  readonly tallies: readonly Tally[] | undefined;
  /** Paths that are done: all of them from the first on. */
  readonly done: number;
};

export type NextStep =
  | { readonly kind: 'stretch'; readonly stretch: Stretch }
  | { readonly kind: 'finished'; readonly stopped: 'paths' | 'precision' };

/** The first paths of a run that may stop early; each further stretch doubles what there is. */
const firstStretch = 4 * chunkPaths;

export function nothingGathered(settings: RunSettings): Gathered {
  const { model, paths } = settings;
  const values = [
    ...model.outputs.map(() => new SharedArrayBuffer(keptPaths(settings) * 8)),
    ...model.inputs.map(() => new SharedArrayBuffer(Math.min(paths, sensitivityPaths) * 8)),
  ];
  return { values, tallies: undefined, done: 0 };
}

/** What a run does next, from what it has alone: the same on one machine as in portions on many. */
export function nextStep(settings: RunSettings, gathered: Gathered): NextStep {
  const { done, tallies } = gathered;
  if (done === settings.paths) return { kind: 'finished', stopped: 'paths' };
  if (done > 0 && precisionReached(settings, gathered.values, done, tallies))
    return { kind: 'finished', stopped: 'precision' };
  const centres = tallies?.map(({ sketch }) => sketch.centre);
  return { kind: 'stretch', stretch: { start: done, end: nextEnd(settings, done), centres } };
}

/** With a stretch whose values are in their place, and whose tallies are these. */
export function withStretch(
  settings: RunSettings,
  { values, tallies }: Gathered,
  end: number,
  parts: readonly (readonly Tally[])[],
): Gathered {
  const merged = tallies?.map((tally, output) => parts.reduce((sum, part) => withPart(sum, part[output]), tally));
  const counted = end === keptPaths(settings) && end < settings.paths ? startedTallies(settings, values, end) : merged;
  return { values, tallies: counted, done: end };
}

/** What the paths that were kept count for, around the median of each output. */
function startedTallies({ model }: RunSettings, values: readonly SharedArrayBuffer[], done: number): Tally[] {
  return model.outputs.map((_, output) => {
    const kept = new Float64Array(values[output] ?? new SharedArrayBuffer(0), 0, done);
    const median = percentileOf(orderedValues(kept), 50);
    const tally = emptyTally(Number.isFinite(median) ? median : 0);
    addFromStart(tally, kept);
    return tally;
  });
}

function withPart(tally: Tally, part: Tally | undefined): Tally {
  return part === undefined ? tally : mergedTally(tally, part);
}

function nextEnd(settings: RunSettings, done: number): number {
  const { paths, precision } = settings;
  const kept = keptPaths(settings);
  if (precision === undefined) return done === 0 ? kept : paths;
  // The sketches begin where the kept paths end, so a stretch ends there too.
  return Math.min(done < kept ? kept : paths, done === 0 ? firstStretch : done * 2);
}

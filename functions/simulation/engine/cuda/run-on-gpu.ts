import type { Partial } from '../run/portion.ts';
import { type RunSettings, sensitivityPaths } from '../run/settings.ts';
import { planOf, type Stretch } from '../run/stretch.ts';
import { emptyTally, mergedTally } from '../run/tally.ts';
import type { Gpu, LoadedModel, Mode } from './gpu.ts';
import type { Portion, Watch } from './portion.ts';

/** A sentence that says why a run cannot go to a GPU, or undefined. */
export function refusedOnGpu({ model, rearranged }: Pick<RunSettings, 'model' | 'rearranged'>): string | undefined {
  if (rearranged.length > 0)
    return "Iman and Conover's method settles samples before the run, which a GPU draws itself";
  const [first] = model.recalculated;
  if (model.recalculation === undefined) return undefined;
  const cells = first === undefined ? 'cells' : `cells (${first.cell} is the first)`;
  return `${cells} that only the formula engine can work out do not run on a GPU`;
}

/** Compiles a run's model for a GPU. Throws GpuError. */
export function loadOnGpu(gpu: Gpu, { model }: RunSettings, mode: Mode): Promise<LoadedModel> {
  return gpu.load({ program: model.program, columns: model.columns, counted: model.outputs.length, mode });
}

/**
 * Runs a portion of a run on a GPU: in exact mode the very partial that threads of a processor give. The inputs' values
 * are brought back for the run's first paths, the outputs' where they are kept; undefined where it was stopped. Throws
 * GpuError.
 */
export async function runPortionOnGpu(
  settings: RunSettings,
  loaded: LoadedModel,
  { start, end, centres }: Stretch,
  watch: Watch = {},
): Promise<Partial | undefined> {
  const { outputs, inputs } = settings.model;
  const plan = planOf(settings);
  const middle = Math.max(start, Math.min(end, sensitivityPaths));
  const nothing: Portion = { tallies: centres?.map(emptyTally), values: [] };
  const request = { plan, centres };
  const kept = outputs.length + inputs.length;
  const first = middle > start ? await loaded.run({ ...request, start, end: middle, kept }, watch) : nothing;
  if (first === undefined) return undefined;
  const keptLater = centres === undefined ? outputs.length : 0;
  const later = end > middle ? await loaded.run({ ...request, start: middle, end, kept: keptLater }, watch) : nothing;
  if (later === undefined) return undefined;
  return {
    start,
    end,
    outputs: outputs.map((_, output) =>
      centres === undefined ? joined(first.values[output], later.values[output]) : new Float64Array(),
    ),
    inputs: inputs.map((_, input) => first.values[outputs.length + input] ?? new Float64Array()),
    tallies: centres?.map((centre, output) =>
      mergedTally(first.tallies?.[output] ?? emptyTally(centre), later.tallies?.[output] ?? emptyTally(centre)),
    ),
  };
}

function joined(first: Float64Array = new Float64Array(), later: Float64Array = new Float64Array()): Float64Array {
  const values = new Float64Array(first.length + later.length);
  values.set(first);
  values.set(later, first.length);
  return values;
}

import type { CompiledWorkbook, Coupling } from '../compiler/compile.ts';
import { replicates, type SamplingMethod } from '../sampling/sampler.ts';

/** Paths in a chunk: the unit that workers claim and that results are merged in, wherever it is run. */
export const chunkPaths = 16_384;

/** Values of each input kept for the sensitivities. */
export const sensitivityPaths = 65_536;

/** As much memory as a run's outputs may take before they are counted in sketches instead of kept. */
export const defaultKeptBytes = 2 ** 30;
/** Of a run that is counted, the first chunks are kept all the same, for pictures and the sketches' centres. */
const keptChunks = 64;

export type Backend = 'webassembly' | 'interpreter';

/** Stop once the half width of a statistic's 95 % interval is this small, relative to its value or not. */
export type Precision = { readonly statistic: 'mean' | number; readonly halfWidth: number; readonly relative: boolean };

export type RunSettings = {
  readonly model: CompiledWorkbook;
  /** How many paths, or with `precision` how many at most. */
  readonly paths: number;
  readonly seed: number;
  readonly sampling: SamplingMethod;
  /** Inputs that are rearranged by Iman and Conover's method instead of being mixed in the model. */
  readonly rearranged: readonly Coupling[];
  /** Values of outputs below which the share of paths is wanted; outputs by their name. */
  readonly thresholds: readonly { readonly cell: string; readonly value: number }[];
  /** Confidences at which value at risk and expected shortfall are wanted, 0.5 to 0.9999; 95 % and 99 % if not said. */
  readonly riskLevels?: readonly number[];
  /** The model in the form that tells errors apart; without it they are counted only. */
  readonly explaining?: () => CompiledWorkbook;
  /** Percentiles wanted beside the usual ones. */
  readonly percents?: readonly number[];
  readonly workers: number;
  readonly backend: Backend;
  readonly precision: Precision | undefined;
  /** Bytes that the outputs' values may take; beyond, percentiles come from sketches. */
  readonly keptBytes: number;
};

/** Independent paths on one worker and nothing else asked for: what other runs are told apart from. */
export function plainSettings(model: CompiledWorkbook, paths: number, seed: number): RunSettings {
  return {
    model,
    paths,
    seed,
    sampling: 'random',
    workers: 1,
    backend: 'webassembly',
    precision: undefined,
    keptBytes: defaultKeptBytes,
    rearranged: [],
    thresholds: [],
  };
}

/** How many of the run's first paths have their outputs kept: all of them where they fit memory. */
export function keptPaths({ model, paths, keptBytes }: Pick<RunSettings, 'model' | 'paths' | 'keptBytes'>): number {
  const fitting = Math.floor(keptBytes / (8 * model.outputs.length));
  if (paths <= fitting) return paths;
  return Math.min(paths, chunkPaths * Math.max(1, Math.min(keptChunks, Math.floor(fitting / chunkPaths))));
}

/** A sentence that says why the settings cannot be run, or undefined. */
export function refusedSettings(settings: RunSettings): string | undefined {
  const { paths, sampling, precision } = settings;
  if (!Number.isInteger(paths) || paths < 1) return 'the number of paths must be a whole number above 0';
  if (paths > 4e9) return 'at most 4e9 paths can be run';
  if (settings.riskLevels?.some((level) => !(level >= 0.5 && level <= 0.9999)) === true)
    return 'the levels of value at risk lie between 0.5 and 0.9999';
  if (keptPaths(settings) < paths && sampling !== 'random') {
    return 'so many paths do not fit memory, and are then counted: only random sampling can be';
  }
  if (settings.rearranged.length > 0) {
    if (sampling === 'antithetic')
      return "Iman and Conover's method would part antithetic pairs; use the Gaussian copula";
    if (precision !== undefined)
      return "Iman and Conover's method needs all paths at once and cannot stop at a precision";
    if (keptPaths(settings) < paths)
      return "Iman and Conover's method needs all paths in memory, and so many do not fit";
  }
  if (sampling === 'random') return undefined;
  if (precision !== undefined && sampling === 'latin-hypercube') {
    return 'a Latin hypercube has a fixed number of paths and cannot stop at a precision; use random, antithetic or sobol';
  }
  if (sampling === 'antithetic')
    return paths % 2 === 0 ? undefined : 'antithetic paths come in pairs: use an even number';
  if (paths % replicates !== 0)
    return `${sampling} runs are ${replicates} independent parts: use a multiple of ${replicates}`;
  return undefined;
}

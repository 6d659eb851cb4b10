import type { Gpu, Mode } from '../../functions/simulation/engine/cuda/gpu.ts';
import { pathWork } from '../../functions/simulation/engine/cuda/path-work.ts';
import { doubleInstructionsPerSecond } from '../../functions/simulation/engine/cuda/peak.ts';
import { chunkPaths, plainSettings, type RunSettings } from '../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../functions/simulation/engine/run/simulate.ts';
import type { GeneratedModel } from './gpu-check-programs.ts';

/** How fast a GPU runs a model, everything counted and nothing kept. */
export type Rate = {
  readonly mode: Mode;
  readonly paths: number;
  readonly pathsPerSecond: number;
  /**
   * Operations on doubles a second, of the chip's peak (two a clock for each unit, as peaks are stated); and what share
   * of the time its units for doubles had an instruction. Undefined for a chip whose units are not known.
   */
  readonly shareOfPeak: number | undefined;
  readonly shareOfTime: number | undefined;
};

const firstChunks = 64;
/** The first runs are too short to tell the rate: each is so many times the one before at most. */
const mostGrowth = 32;
const mostPaths = 3e9;

/** Runs ever more paths until a run takes long enough to be measured. */
export async function gpuRate(
  gpu: Gpu,
  given: GeneratedModel,
  mode: Mode,
  centre: number,
  wantedSeconds = 2,
): Promise<Rate> {
  const { program, columns, counted } = given;
  const model = await gpu.load({ program, columns, counted, mode });
  let pathsPerSecond = 0;
  let paths = firstChunks * chunkPaths;
  for (;;) {
    const plan = { method: 'random', seed: 1, paths } as const;
    const started = performance.now();
    await model.run({ plan, start: 0, end: paths, centres: Array.from({ length: counted }, () => centre), kept: 0 });
    const seconds = (performance.now() - started) / 1000;
    pathsPerSecond = paths / seconds;
    if (seconds > wantedSeconds / 2 || paths >= mostPaths) break;
    const wanted = Math.min(mostPaths, pathsPerSecond * wantedSeconds, paths * mostGrowth);
    paths = Math.ceil(wanted / chunkPaths) * chunkPaths;
  }
  model.unload();
  const work = pathWork(program, columns, counted, mode);
  const perSecond = doubleInstructionsPerSecond(gpu);
  const share = (perPath: number, most: number) =>
    perSecond === undefined ? undefined : (pathsPerSecond * perPath) / (perSecond * most);
  return {
    mode,
    paths,
    pathsPerSecond,
    shareOfPeak: share(work.operations, 2),
    shareOfTime: share(work.instructions, 1),
  };
}

/** Paths a second on two of the processor's cores. */
export async function twoCoreRate(model: RunSettings['model']): Promise<number> {
  const settings = { ...plainSettings(model, 8_000_000, 1), workers: 2 };
  const { paths, samplingSeconds } = await simulate(settings, () => undefined);
  return paths / samplingSeconds;
}

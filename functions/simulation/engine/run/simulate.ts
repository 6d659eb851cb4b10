import { Worker } from 'node:worker_threads';
import { webAssembly } from '../kernel/host.ts';
import { compileToWebAssembly } from '../kernel/webassembly.ts';
import type { SamplingPlan } from '../sampling/sampler.ts';
import { percentileOf } from '../statistics/distribution-summary.ts';
import type { Job } from './job.ts';
import { measured, precisionReached } from './measure.ts';
import { rearrangedColumns } from './rearrangement.ts';
import { chunkPaths, keptPaths, type RunSettings, sensitivityPaths } from './settings.ts';
import type { OutputStatistics } from './statistics.ts';
import { outputStatistics } from './statistics.ts';
import { addFromStart, emptyTally, mergedTally, type Tally } from './tally.ts';

export type RunResult = {
  readonly paths: number;
  /** Seconds of sampling and model, workers' start and statistics included; compiling apart. */
  readonly seconds: number;
  /** Of these, seconds from the first path to the last. */
  readonly samplingSeconds: number;
  readonly compileSeconds: number;
  readonly stopped: 'paths' | 'precision' | 'cancelled';
  readonly outputs: readonly OutputStatistics[];
};

/** How often progress is looked at. */
const lookMilliseconds = 100;
/** The first paths of a run that may stop early; each further stretch doubles what there is. */
const firstStretch = 4 * chunkPaths;

/**
 * Runs a compiled model to its number of paths, or until the wanted precision is reached, and works out the
 * statistics. The same settings give the same result on any number of workers.
 */
export async function simulate(
  settings: RunSettings,
  onProgress: (pathsDone: number) => void,
  signal?: AbortSignal,
): Promise<RunResult> {
  const beforeCompiling = performance.now();
  const model = await runnable(settings);
  const started = performance.now();
  const compileSeconds = (started - beforeCompiling) / 1000;
  const values = sharedValues(settings);
  const plan: SamplingPlan = { method: settings.sampling, seed: settings.seed, paths: settings.paths };
  const supplied = rearrangedColumns(settings.model, settings.rearranged, plan);
  let tallies: readonly Tally[] | undefined;
  let done = 0;
  let stopped: RunResult['stopped'] = 'paths';
  while (done < settings.paths) {
    const end = nextEnd(settings, done);
    if (done > 0 && done === keptPaths(settings)) tallies = startedTallies(settings, values, done);
    const stretch = await runStretch(
      settings,
      { model, plan, supplied, values },
      tallies,
      done,
      end,
      onProgress,
      signal,
    );
    if (stretch === undefined) {
      stopped = 'cancelled';
      break;
    }
    done = end;
    tallies = tallies?.map((tally, output) => stretch.reduce((sum, part) => withPart(sum, part[output]), tally));
    if (done < settings.paths && precisionReached(settings, measured(settings, values, done))) {
      stopped = 'precision';
      break;
    }
  }
  const samplingSeconds = (performance.now() - started) / 1000;
  const outputs = done === 0 ? [] : outputStatistics(settings, values, done, tallies);
  return {
    paths: done,
    seconds: (performance.now() - started) / 1000,
    samplingSeconds,
    compileSeconds,
    stopped,
    outputs,
  };
}

async function runnable({ model, backend }: RunSettings): Promise<Job['model']> {
  if (backend === 'interpreter') return { kind: 'interpreter', program: model.program };
  const compiled = await compileToWebAssembly(model.program);
  return { kind: 'webassembly', compiled, module: await webAssembly.compile(compiled.bytes) };
}

/** Room for every path's outputs, and for the inputs' first paths. */
function sharedValues(settings: RunSettings): SharedArrayBuffer[] {
  const { model, paths } = settings;
  const kept = Math.min(paths, sensitivityPaths);
  return [
    ...model.outputs.map(() => new SharedArrayBuffer(keptPaths(settings) * 8)),
    ...model.inputs.map(() => new SharedArrayBuffer(kept * 8)),
  ];
}

/** What the paths that were kept count for, around the median of each output. */
function startedTallies({ model }: RunSettings, values: readonly SharedArrayBuffer[], done: number): Tally[] {
  return model.outputs.map((_, output) => {
    const kept = new Float64Array(values[output] ?? new SharedArrayBuffer(0), 0, done);
    const median = percentileOf(kept.filter(Number.isFinite).sort(), 50);
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
  if (precision === undefined) return done === 0 ? keptPaths(settings) : paths;
  return Math.min(paths, done === 0 ? firstStretch : done * 2);
}

/** Runs some paths on the workers; their tallies, or undefined where the run was cancelled meanwhile. */
async function runStretch(
  settings: RunSettings,
  fixed: Pick<Job, 'model' | 'plan' | 'supplied' | 'values'>,
  tallies: readonly Tally[] | undefined,
  start: number,
  end: number,
  onProgress: (pathsDone: number) => void,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Tally[])[] | undefined> {
  const progress = new SharedArrayBuffer(12);
  const counters = new Int32Array(progress);
  const job: Job = {
    ...fixed,
    columns: settings.model.columns,
    start,
    end,
    progress,
    centres: tallies?.map(({ sketch }) => sketch.centre),
  };
  const look = setInterval(() => {
    onProgress(Math.min(end, start + Atomics.load(counters, 1) * chunkPaths));
    if (signal?.aborted) Atomics.store(counters, 2, 1);
  }, lookMilliseconds);
  try {
    const chunks = Math.ceil((end - start) / chunkPaths);
    const workers = Math.max(1, Math.min(settings.workers, chunks));
    const parts = await Promise.all(Array.from({ length: workers }, () => runWorker(job)));
    onProgress(end);
    return signal?.aborted === true ? undefined : parts;
  } finally {
    clearInterval(look);
  }
}

function runWorker(job: Job): Promise<readonly Tally[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: job });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      if (code !== 0) reject(new Error(`a worker ended with code ${code}`));
    });
  });
}

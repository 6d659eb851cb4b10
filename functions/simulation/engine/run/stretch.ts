import { webAssembly } from '../kernel/host.ts';
import { compileToWebAssembly } from '../kernel/webassembly.ts';
import type { SamplingPlan } from '../sampling/sampler.ts';
import type { Job, RunnableModel } from './job.ts';
import { chunkPaths, type RunSettings } from './settings.ts';
import type { Tally } from './tally.ts';

/** Paths to run: from `start`, a multiple of a chunk, up to `end`. */
export type Stretch = {
  readonly start: number;
  readonly end: number;
  /** The sketches' centres, output by output, where values are counted instead of kept. */
  readonly centres: readonly number[] | undefined;
};

/** How often progress is looked at. */
const lookMilliseconds = 100;

/** The model in the form that workers run. */
export async function runnableModel({
  model,
  backend,
}: Pick<RunSettings, 'model' | 'backend'>): Promise<RunnableModel> {
  const { program, recalculation } = model;
  if (backend === 'interpreter') return { kind: 'interpreter', program, recalculation };
  const compiled = await compileToWebAssembly(program);
  return { kind: 'webassembly', compiled, module: await webAssembly.compile(compiled.bytes), recalculation };
}

export function planOf({ sampling, seed, paths }: RunSettings): SamplingPlan {
  return { method: sampling, seed, paths };
}

/**
 * Runs a stretch on threads of this process: the workers' tallies, or undefined where the run was stopped meanwhile.
 * `room` is what its values are written to.
 */
export async function runStretch(
  settings: RunSettings,
  model: RunnableModel,
  room: Pick<Job, 'first' | 'supplied' | 'values'>,
  { start, end, centres }: Stretch,
  onProgress: (pathsDone: number) => void,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Tally[])[] | undefined> {
  const progress = new SharedArrayBuffer(8);
  const counters = new Int32Array(progress);
  const { columns } = settings.model;
  const job: Job = { model, columns, plan: planOf(settings), ...room, start, end, progress, centres };
  const look = setInterval(() => {
    onProgress(Math.min(end, start + Atomics.load(counters, 1) * chunkPaths));
  }, lookMilliseconds);
  try {
    const { runOnThread } = await import('./worker.ts');
    const chunks = Math.ceil((end - start) / chunkPaths);
    const workers = Math.max(1, Math.min(settings.workers, chunks));
    const parts = await Promise.all(Array.from({ length: workers }, () => runOnThread(job, signal)));
    onProgress(end);
    return signal?.aborted === true ? undefined : parts;
  } finally {
    clearInterval(look);
  }
}

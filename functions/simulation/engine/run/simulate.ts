import { type Gathered, nextStep, nothingGathered, withStretch } from './gathered.ts';
import { rearrangedColumns } from './rearrangement.ts';
import type { RunSettings } from './settings.ts';
import { type OutputStatistics, outputStatistics } from './statistics.ts';
import { planOf, runnableModel, runStretch } from './stretch.ts';

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
  const model = await runnableModel(settings);
  const started = performance.now();
  const supplied = rearrangedColumns(settings.model, settings.rearranged, planOf(settings));
  let gathered: Gathered = nothingGathered(settings);
  let stopped: RunResult['stopped'];
  for (;;) {
    const next = nextStep(settings, gathered);
    if (next.kind === 'finished') {
      stopped = next.stopped;
      break;
    }
    const room = { first: 0, supplied, values: gathered.values };
    const parts = await runStretch(settings, model, room, next.stretch, onProgress, signal);
    if (parts === undefined) {
      stopped = 'cancelled';
      break;
    }
    gathered = withStretch(settings, gathered, next.stretch.end, parts);
  }
  const samplingSeconds = (performance.now() - started) / 1000;
  return {
    paths: gathered.done,
    outputs: statisticsOf(settings, gathered),
    seconds: (performance.now() - started) / 1000,
    samplingSeconds,
    compileSeconds: (started - beforeCompiling) / 1000,
    stopped,
  };
}

/** The statistics of what a run has come to; none of a run without a path. */
export function statisticsOf(settings: RunSettings, { values, tallies, done }: Gathered): readonly OutputStatistics[] {
  return done === 0 ? [] : outputStatistics(settings, values, done, tallies);
}

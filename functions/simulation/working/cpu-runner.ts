import { runPortion } from '../engine/run/portion.ts';
import type { SuppliedColumn } from '../engine/run/rearrangement.ts';
import { type RunObjects, readSupplied } from '../objects/run-objects.ts';
import { EngineFailure } from './engine-failure.ts';
import type { LoadedRun } from './loaded-run.ts';
import type { PortionRunner } from './run-worker.ts';

/** Runs portions on threads of this process. */
export const cpuRunner: PortionRunner = {
  machine: 'cpu',
  async run(loaded, stretch, objects, onProgress, signal) {
    const supplied = await suppliedFor(loaded, objects, stretch);
    try {
      return await runPortion(loaded.settings, await loaded.model(), supplied, stretch, onProgress, signal);
    } catch (error) {
      throw new EngineFailure(error);
    }
  },
};

/** The portion's own part of the columns that were settled before the run. */
function suppliedFor(
  { prepared }: LoadedRun,
  objects: RunObjects,
  { start, end }: { start: number; end: number },
): Promise<SuppliedColumn[]> {
  return Promise.all(
    prepared.suppliedColumns.map(async (column) => ({
      column,
      values: await readSupplied(objects, column, start, end),
    })),
  );
}

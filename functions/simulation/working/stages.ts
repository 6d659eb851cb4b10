import { portionsReady } from '#contracts/simulation/events.ts';
import { portionPaths, portionsOf, workersWanted } from '../domain/portions.ts';
import type { Run } from '../domain/run.ts';
import { chunkPaths } from '../engine/run/settings.ts';
import type { Stretch } from '../engine/run/stretch.ts';
import { insertPortions } from '../store/portions.ts';
import { beginStage } from '../store/runs.ts';
import { MOST_WORKERS, type WorkTransaction } from './run-worker.ts';

/** Lays out a stage of a run and asks for workers; whoever lays it out takes part itself, and a GPU's job looks by itself. The run is locked. */
export async function openStage(
  { tx, publish }: WorkTransaction,
  run: Run,
  stage: number,
  { start, end, centres }: Stretch,
  { pathsPerSecond, columns }: { pathsPerSecond: number; columns: number },
): Promise<void> {
  const bytesPerPath = centres === undefined ? 8 * columns : 0;
  const portions = portionsOf({ start, end }, portionPaths(pathsPerSecond, bytesPerPath, chunkPaths));
  await beginStage(tx, run, stage, centres);
  await insertPortions(tx, run.id, stage, portions);
  if (run.backend === 'cuda') return;
  for (let worker = 1; worker < workersWanted(portions.length, MOST_WORKERS); worker += 1)
    publish(portionsReady, { simulationId: run.id, worker });
}

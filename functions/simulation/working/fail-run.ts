import { runFailed } from '#contracts/simulation/events.ts';
import { endRun } from '../dispatching/end-run.ts';
import type { Run } from '../domain/run.ts';
import type { WorkTransaction } from './run-worker.ts';

/** The run is over, with the reason. The run is locked. */
export async function failRun(
  { tx, publish }: WorkTransaction,
  run: Run,
  failure: { code: string; detail: string },
  at: Date,
): Promise<void> {
  const { version } = await endRun({ tx, publish }, run, 'failed', at, failure);
  publish(runFailed, { simulationId: run.id, version, at: at.toISOString(), ...failure });
}

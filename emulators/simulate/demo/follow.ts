import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '#contracts/client.ts';
import type { OperationOutput } from '#contracts/kit/operation.ts';
import { cancelSimulation, getSimulation, getSimulationResults, getWorkbook } from '#contracts/simulation/api.ts';
import { accepted } from '../../demo/account.ts';
import { showProgress } from '../../progress.ts';

export type Workbook = OperationOutput<typeof getWorkbook>;
export type Results = OperationOutput<typeof getSimulationResults>;

const POLL_MS = 250;

/** Resolves with what the workbook holds once it has been read. Throws an Error of one line where it was refused. */
export async function parsed(user: Client, workbookId: string, signal: AbortSignal): Promise<Workbook> {
  for (;;) {
    const answer = await user.call(getWorkbook, { id: workbookId });
    // News of the clean file is still under way.
    if (answer.ok || answer.problem !== 'not-found') {
      const workbook = accepted('reading the workbook', answer);
      if (workbook.refusal !== undefined) throw new Error(`${workbook.name}: ${workbook.refusal.detail}`);
      return workbook;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Shows how far a simulation is and resolves with its results. When aborted, cancels it. Throws an Error of one line where it fails. */
export async function followed(
  user: Client,
  simulationId: string,
  paths: number,
  signal: AbortSignal,
): Promise<Results> {
  const progress = showProgress('paths', paths);
  try {
    for (;;) {
      const run = accepted('asking how far it is', await user.call(getSimulation, { id: simulationId }));
      progress.at(run.pathsDone);
      if (run.state === 'completed') break;
      if (run.state === 'failed') throw new Error(run.failure?.detail ?? 'the simulation failed, and nobody says why');
      if (run.state === 'cancelled') throw new Error('the simulation was cancelled');
      await delay(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    if (signal.aborted) accepted('cancelling', await user.call(cancelSimulation, { id: simulationId }));
    throw error;
  } finally {
    progress.end();
  }
  return accepted('reading the results', await user.call(getSimulationResults, { id: simulationId }));
}

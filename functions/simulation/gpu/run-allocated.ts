import { isOver } from '../domain/run.ts';
import { GpuError } from '../engine/cuda/driver.ts';
import type { openGpu } from '../engine/cuda/gpu.ts';
import { endAllocation, findAllocation, noteGpuAtWork } from '../store/gpu-allocations.ts';
import { findRun, lockRun } from '../store/runs.ts';
import { readRequest } from '../working/run-request.ts';
import type { RunWorker } from '../working/run-worker.ts';
import { workOnRun } from '../working/work-on-run.ts';
import { fallBack } from './fall-back.ts';
import { gpuRunner } from './gpu-runner.ts';

interface Allocated {
  simulationId: string;
  allocationId: string;
}

/** While stages are merged elsewhere there is nothing to claim: it is looked again after so long. */
const LOOK_MILLISECONDS = 1_000;
/** Between two signs of itself. */
const SECONDS_AT_WORK = 30;

/** Works on a run until it is over or no longer the GPU's; where there is no GPU, says so and gives the run back. */
export async function runAllocated(
  surroundings: Omit<RunWorker, 'runner'> & { stopping: AbortSignal },
  { simulationId, allocationId }: Allocated,
  gpu: Awaited<ReturnType<typeof openGpu>>,
): Promise<void> {
  const { transaction, stopping, log } = surroundings;
  if (gpu.kind === 'absent') {
    log.warn({ reason: gpu.reason }, 'there is no GPU: the run goes on without');
    return giveBack(surroundings, { simulationId, allocationId }, 'absent', gpu.reason);
  }
  const { mode } = await transaction(async ({ tx }) => readRequest((await findRun(tx, simulationId))?.request));
  const worker = { ...surroundings, runner: gpuRunner(gpu, mode) };
  while (!stopping.aborted) {
    const goesOn = await transaction(async ({ tx }) => {
      const found = await findRun(tx, simulationId);
      const isOurs = found !== undefined && !isOver(found.run) && found.run.backend === 'cuda';
      if (isOurs) await noteGpuAtWork(tx, allocationId, gpu.name);
      else await endAllocation(tx, allocationId, 'released');
      return isOurs;
    });
    if (!goesOn) return;
    try {
      await workOnRun(worker, simulationId, SECONDS_AT_WORK);
    } catch (error) {
      if (!(error instanceof GpuError)) throw error;
      log.error({ error: error.message }, 'the GPU cannot run this: the run goes on without');
      return giveBack(surroundings, { simulationId, allocationId }, 'failed', error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

async function giveBack(
  { transaction }: Pick<RunWorker, 'transaction'>,
  { simulationId, allocationId }: Allocated,
  state: 'absent' | 'failed',
  reason: string,
): Promise<void> {
  await transaction(async (context) => {
    const locked = await lockRun(context.tx, simulationId);
    const allocation = await findAllocation(context.tx, simulationId);
    if (locked === undefined || isOver(locked.run) || locked.run.backend !== 'cuda') return;
    if (allocation?.id === allocationId) await fallBack(context, locked.run, allocation, state, reason);
  });
}

import { cancelSimulation } from '#contracts/simulation/api.ts';
import { runCancelled } from '#contracts/simulation/events.ts';
import { httpFunction } from '#core/function.ts';
import { dispatchEvents } from './dispatching/dispatch.ts';
import { endRun } from './dispatching/end-run.ts';
import { isOver } from './domain/run.ts';
import { lockRun } from './store/runs.ts';

export default httpFunction(
  cancelSimulation,
  { emits: [runCancelled, ...dispatchEvents], cpu: 1, concurrency: 20, maxInstances: 2 },
  async ({ id }, { tx, publish, caller }) => {
    const locked = await lockRun(tx, id);
    if (locked === undefined) return { problem: 'not-found', detail: `there is no simulation ${id}` };
    const { run, at } = locked;
    if (run.state === 'cancelled') return { simulationId: id, state: 'cancelled' };
    if (isOver(run)) return { problem: 'already-over', detail: `the simulation is ${run.state} already` };
    const { version } = await endRun({ tx, publish }, run, 'cancelled', at);
    publish(runCancelled, { simulationId: id, version, at: at.toISOString(), cancelledBy: caller.id });
    return { simulationId: id, state: 'cancelled' };
  },
);

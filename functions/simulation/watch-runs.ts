import { portionsReady } from '#contracts/simulation/events.ts';
import { scheduleFunction } from '#core/function.ts';
import { dispatchEvents, dispatchRuns } from './dispatching/dispatch.ts';
import { readQueue } from './store/queue.ts';

/** What was lost with its workers is taken up again: leases that ran out, and events that were parked. */
export default scheduleFunction(
  { cron: '* * * * *', summary: 'Admits runs whose turn it is, and asks for a worker for each that goes on' },
  { emits: [...dispatchEvents], maxInstances: 1 },
  async ({ scheduledAt }, { tx, publish }) => {
    await dispatchRuns({ tx, publish }, scheduledAt);
    const { running } = await readQueue(tx);
    for (const { id, tenant } of running) publish(portionsReady, { simulationId: id, worker: 0 }, { tenant });
  },
);

import { getSimulationQueue } from '#contracts/simulation/api.ts';
import { httpFunction } from '#core/function.ts';
import { RUNS_AT_ONCE } from './dispatching/dispatch.ts';
import { shareOf } from './domain/plans.ts';
import { forecast } from './domain/queue.ts';
import { readQueue } from './store/queue.ts';
import { MOST_WORKERS } from './working/run-worker.ts';

/** Of the queue that all share, each organisation sees its own runs and where they stand. */
export default httpFunction(
  getSimulationQueue,
  { cpu: 1, concurrency: 40, maxInstances: 2 },
  async (_, { tx, tenant, caller, now }) => {
    const { waiting, running } = await readQueue(tx);
    const own = new Map(waiting.filter((run) => run.tenant === tenant).map((run) => [run.id, run.queuedAt]));
    const places = own.size === 0 ? [] : forecast(waiting, running, RUNS_AT_ONCE, MOST_WORKERS, now);
    return {
      waiting: places.flatMap(({ id, position, startsAt }) => {
        const queuedAt = own.get(id)?.toISOString();
        if (queuedAt === undefined) return [];
        return [{ simulationId: id, position, estimatedStartAt: startsAt.toISOString(), queuedAt }];
      }),
      running: running.filter((run) => run.tenant === tenant).length,
      allowed: shareOf(caller.plan).runsAtOnce,
    };
  },
);

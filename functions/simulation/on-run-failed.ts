import { runFailed } from '#contracts/simulation/events.ts';
import { eventFunction } from '#core/function.ts';
import { removeRun } from './objects/run-objects.ts';
import { project } from './projections/progress-document.ts';

export default eventFunction(
  runFailed,
  {
    calls: [],
    firestore: 'write',
    buckets: ['simulation'],
    onPoison: 'skip',
    cpu: 1,
    concurrency: 20,
    maxInstances: 2,
  },
  async ({ simulationId, version, at, code, detail }, { tenant, config }) => {
    await project(tenant, { simulationId, version, at, state: 'failed', failure: { code, detail } });
    await removeRun(config, tenant, simulationId);
  },
);

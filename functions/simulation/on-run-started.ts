import { runStarted } from '#contracts/simulation/events.ts';
import { eventFunction } from '#core/function.ts';
import { project } from './projections/progress-document.ts';

export default eventFunction(
  runStarted,
  { calls: [], firestore: 'write', onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 2 },
  async ({ simulationId, version, at, paths }, { tenant }) =>
    project(tenant, { simulationId, version, at, state: 'running', paths, pathsDone: 0 }),
);

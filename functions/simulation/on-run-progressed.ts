import { runProgressed } from '#contracts/simulation/events.ts';
import { eventFunction } from '#core/function.ts';
import { project } from './projections/progress-document.ts';

export default eventFunction(
  runProgressed,
  { calls: [], firestore: 'write', onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 3 },
  async (progress, { tenant }) => project(tenant, { ...progress, state: 'running' }),
);

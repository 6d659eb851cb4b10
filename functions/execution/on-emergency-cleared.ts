import { emergencyCleared } from '#contracts/risk/events.ts';
import { eventFunction } from '#core/function.ts';
import { recordClearance } from './store/halts.ts';

export default eventFunction(
  emergencyCleared,
  { onPoison: 'park-key', cpu: 1, concurrency: 10, maxInstances: 3 },
  async ({ haltEpoch }, { tx }) => recordClearance(tx, haltEpoch),
);

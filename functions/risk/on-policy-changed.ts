import { policyChanged } from '#contracts/risk/events.ts';
import { eventFunction } from '#core/function.ts';
import { writeFastCopy } from './store/fast-copy.ts';

/** Keeps the copy of the policy that every function reads: never older than what it held. */
export default eventFunction(
  policyChanged,
  { onPoison: 'skip', firestore: 'write', cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 2 },
  async ({ version, mode, tradingState, haltEpoch, sizeMultiplier, minimumConfidence }, { tenant }) => {
    await writeFastCopy(tenant, { version, mode, tradingState, haltEpoch, sizeMultiplier, minimumConfidence });
  },
);

import { userRegistered } from '#contracts/identity/events.ts';
import { policyChanged } from '#contracts/risk/events.ts';
import { eventFunction } from '#core/function.ts';
import { snapshotOf } from './domain/policy-view.ts';
import { createPolicy, loadPolicy, requireMode } from './store/policies.ts';

/** An organisation's first user brings its policy into being; every later one finds it there. */
export default eventFunction(
  userRegistered,
  { onPoison: 'skip', emits: [policyChanged], cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 2 },
  async (_user, { tx, now, publish }) => {
    const isNew = await createPolicy(tx, now, 'platform');
    const policy = await loadPolicy(tx);
    if (!isNew || policy === undefined) return;
    const mode = await requireMode(tx, policy.mode, now);
    publish(policyChanged, { policy: 'policy', ...snapshotOf(policy, mode), changedBy: policy.changedBy });
  },
);

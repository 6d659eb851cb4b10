import { getLimits } from '#contracts/risk/api.ts';
import { httpFunction } from '#core/function.ts';
import { limitsView } from './domain/policy-view.ts';
import { loadPending } from './store/change-requests.ts';
import { loadPolicy, requireMode } from './store/policies.ts';

export default httpFunction(
  getLimits,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async (_input, { tx, now }) => {
    const policy = await loadPolicy(tx);
    if (policy === undefined) return { problem: 'not-found', detail: 'the organisation has no policy yet' };
    return limitsView(policy, await requireMode(tx, policy.mode, now), await loadPending(tx, now));
  },
);

import { changeLimits } from '#contracts/risk/api.ts';
import { limitsChanged, policyChanged } from '#contracts/risk/events.ts';
import { httpFunction } from '#core/function.ts';
import { askForLimits } from './domain/maker-checker.ts';
import { limitsView, snapshotOf } from './domain/policy-view.ts';
import { changeLapses } from './effects/change-lapses.ts';
import { insertRequest, loadPending } from './store/change-requests.ts';
import { lockPolicy, requireMode, savePolicy } from './store/policies.ts';

export default httpFunction(
  changeLimits,
  {
    // The policy's version rises with its limits: its fast copy would look outdated if it were not told.
    emits: [limitsChanged, policyChanged],
    timers: [changeLapses],
    cpu: 1,
    memory: '512MiB',
    concurrency: 40,
    maxInstances: 2,
  },
  async ({ limits }, { tx, caller, ifMatch, now, newId, publish, setTimer }) => {
    if (ifMatch === undefined)
      return { problem: 'version-required', detail: 'say in If-Match which version you change' };
    const policy = await lockPolicy(tx);
    if (policy === undefined) return { problem: 'not-found', detail: 'the organisation has no policy yet' };
    if (ifMatch !== String(policy.version)) {
      return { problem: 'version-changed', detail: `the policy is at version ${policy.version}` };
    }
    const asked = askForLimits(policy, limits, caller, now, newId());
    if (asked.kind === 'refused') return { problem: asked.reason, detail: asked.detail };
    const changed = asked.kind === 'applied' ? asked.policy : policy;
    const row = await requireMode(tx, changed.mode, now);
    if (asked.kind === 'applied') {
      const { version, changedBy } = changed;
      await savePolicy(tx, changed);
      publish(limitsChanged, { policy: 'policy', version, limits: { ...changed.limits }, changedBy });
      publish(policyChanged, { policy: 'policy', ...snapshotOf(changed, row), changedBy });
    }
    if (asked.kind === 'requested') {
      await insertRequest(tx, asked.request);
      setTimer(changeLapses, asked.request.id, asked.request.expiresAt, { id: asked.request.id });
    }
    return limitsView(changed, row, await loadPending(tx, now));
  },
);

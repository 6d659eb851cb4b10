import { changeMode } from '#contracts/risk/api.ts';
import { policyChanged } from '#contracts/risk/events.ts';
import { httpFunction } from '#core/function.ts';
import { askForMode } from './domain/maker-checker.ts';
import { policyView, snapshotOf } from './domain/policy-view.ts';
import { changeLapses } from './effects/change-lapses.ts';
import { insertRequest, loadPending } from './store/change-requests.ts';
import { loadMode, lockPolicy, requireMode, savePolicy } from './store/policies.ts';

export default httpFunction(
  changeMode,
  {
    emits: [policyChanged],
    timers: [changeLapses],
    cpu: 1,
    memory: '512MiB',
    concurrency: 40,
    maxInstances: 2,
  },
  async ({ mode }, { tx, caller, ifMatch, now, newId, publish, setTimer }) => {
    if (ifMatch === undefined)
      return { problem: 'version-required', detail: 'say in If-Match which version you change' };
    const policy = await lockPolicy(tx);
    if (policy === undefined) return { problem: 'not-found', detail: 'the organisation has no policy yet' };
    if (ifMatch !== String(policy.version)) {
      return { problem: 'version-changed', detail: `the policy is at version ${policy.version}` };
    }
    const wanted = await loadMode(tx, mode, now);
    const asked = askForMode(policy, wanted, caller, now, newId());
    if (asked.kind === 'refused') return { problem: asked.reason, detail: `${mode}: ${asked.detail}` };
    const changed = asked.kind === 'applied' ? asked.policy : policy;
    const row = await requireMode(tx, changed.mode, now);
    if (asked.kind === 'applied') {
      await savePolicy(tx, changed);
      publish(policyChanged, { policy: 'policy', ...snapshotOf(changed, row), changedBy: changed.changedBy });
    }
    if (asked.kind === 'requested') {
      await insertRequest(tx, asked.request);
      setTimer(changeLapses, asked.request.id, asked.request.expiresAt, { id: asked.request.id });
    }
    return policyView(changed, row, await loadPending(tx, now));
  },
);

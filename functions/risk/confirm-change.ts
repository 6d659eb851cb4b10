import { confirmChange } from '#contracts/risk/api.ts';
import { limitsChanged, policyChanged } from '#contracts/risk/events.ts';
import { httpFunction } from '#core/function.ts';
import { confirm } from './domain/maker-checker.ts';
import { policyView, snapshotOf } from './domain/policy-view.ts';
import { changeLapses } from './effects/change-lapses.ts';
import { loadPending, lockRequest, settleRequest } from './store/change-requests.ts';
import { loadMode, lockPolicy, requireMode, savePolicy } from './store/policies.ts';

export default httpFunction(
  confirmChange,
  {
    emits: [limitsChanged, policyChanged],
    timers: [changeLapses],
    cpu: 1,
    memory: '512MiB',
    concurrency: 40,
    maxInstances: 2,
  },
  async ({ id }, { tx, caller, now, publish, setTimer }) => {
    const policy = await lockPolicy(tx);
    const request = await lockRequest(tx, id);
    if (policy === undefined || request === undefined)
      return { problem: 'not-found', detail: 'there is no such change' };
    const { target } = request;
    if (target.kind === 'resume') return { problem: 'not-found', detail: 'resuming is confirmed by asking for it too' };
    const wanted = target.kind === 'mode' ? await loadMode(tx, target.mode, now) : undefined;
    const confirmed = confirm(policy, { ...request, target }, wanted, caller, now);
    if (confirmed.kind === 'refused') return { problem: confirmed.reason, detail: confirmed.detail };
    const changed = confirmed.policy;
    const row = await requireMode(tx, changed.mode, now);
    await savePolicy(tx, changed);
    await settleRequest(tx, id, 'confirmed', caller.id, now);
    setTimer(changeLapses, id, null);
    if (target.kind === 'limits') {
      const { version, changedBy } = changed;
      publish(limitsChanged, { policy: 'policy', version, limits: { ...changed.limits }, changedBy });
    }
    publish(policyChanged, { policy: 'policy', ...snapshotOf(changed, row), changedBy: changed.changedBy });
    return policyView(changed, row, await loadPending(tx, now));
  },
);

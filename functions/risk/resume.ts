import { resume } from '#contracts/risk/api.ts';
import { emergencyCleared, policyChanged } from '#contracts/risk/events.ts';
import { httpFunction } from '#core/function.ts';
import { askToResume } from './domain/maker-checker.ts';
import { policyView, snapshotOf } from './domain/policy-view.ts';
import { changeLapses } from './effects/change-lapses.ts';
import { insertRequest, loadPending, loadResumeRequest, settleRequest } from './store/change-requests.ts';
import { lockPolicy, requireMode, savePolicy } from './store/policies.ts';

/** The first person's call asks, a second person's confirms; also after a breaker has put the tenant into REDUCING. */
export default httpFunction(
  resume,
  {
    emits: [emergencyCleared, policyChanged],
    timers: [changeLapses],
    cpu: 1,
    memory: '512MiB',
    concurrency: 40,
    maxInstances: 2,
  },
  async (_input, { tx, caller, now, newId, publish, setTimer }) => {
    const policy = await lockPolicy(tx);
    if (policy === undefined) return { problem: 'not-found', detail: 'the organisation has no policy yet' };
    const asked = askToResume(policy, await loadResumeRequest(tx), caller, now, newId());
    if (asked.kind === 'refused') return { problem: asked.reason, detail: asked.detail };
    const { request } = asked;
    if (asked.kind === 'requested') {
      await insertRequest(tx, request);
      setTimer(changeLapses, request.id, request.expiresAt, { id: request.id });
      return policyView(policy, await requireMode(tx, policy.mode, now), await loadPending(tx, now));
    }
    const resumed = asked.policy;
    const row = await requireMode(tx, resumed.mode, now);
    await savePolicy(tx, resumed);
    await settleRequest(tx, request.id, 'confirmed', caller.id, now);
    setTimer(changeLapses, request.id, null);
    publish(policyChanged, { policy: 'policy', ...snapshotOf(resumed, row), changedBy: caller.id });
    if (policy.tradingState === 'HALTED') {
      publish(emergencyCleared, {
        policy: 'policy',
        haltEpoch: resumed.haltEpoch,
        requestedBy: request.requestedBy,
        confirmedBy: caller.id,
        at: now.toISOString(),
      });
    }
    return policyView(resumed, row, await loadPending(tx, now));
  },
);

import { fromNumber } from '#contracts/kit/decimal.ts';
import { drawdownHigh } from '#contracts/portfolio/events.ts';
import { circuitBreakerActivated, policyChanged } from '#contracts/risk/events.ts';
import { eventFunction } from '#core/function.ts';
import { effectiveLimits } from './domain/limits.ts';
import { drawnDown } from './domain/policy.ts';
import { snapshotOf } from './domain/policy-view.ts';
import { lockPolicy, requireMode, savePolicy } from './store/policies.ts';

/** Too deep a drawdown puts the tenant into REDUCING until two people resume. */
export default eventFunction(
  drawdownHigh,
  {
    onPoison: 'skip',
    emits: [circuitBreakerActivated, policyChanged],
    cpu: 1,
    memory: '512MiB',
    concurrency: 40,
    maxInstances: 5,
  },
  async ({ drawdown, observedAt, at }, { tx, now, publish, log }) => {
    const policy = await lockPolicy(tx);
    if (policy === undefined) {
      log.warn({ drawdown }, 'a drawdown of an organisation without a policy');
      return;
    }
    const mode = await requireMode(tx, policy.mode, new Date(observedAt.observedAt));
    const { maxDrawdown } = effectiveLimits(policy.limits, mode.limits);
    const { instrument, sequence } = observedAt;
    const reported = fromNumber(drawdown, 6);
    const changed = drawnDown(policy, reported, maxDrawdown, { instrument, sequence }, now);
    if (changed === policy) return;
    await savePolicy(tx, changed);
    if (changed.version === policy.version) return;
    const detail = `${reported} of peak equity is lost; ${maxDrawdown} is the limit`;
    publish(circuitBreakerActivated, { policy: 'policy', cause: 'drawdown', detail, at });
    publish(policyChanged, { policy: 'policy', ...snapshotOf(changed, mode), changedBy: changed.changedBy });
  },
);

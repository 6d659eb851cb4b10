import { acknowledgeHalt } from '#contracts/execution/halt.ts';
import type { OperationOutput } from '#contracts/kit/operation.ts';
import { emergencyStop } from '#contracts/risk/api.ts';
import { emergencyTriggered, policyChanged } from '#contracts/risk/events.ts';
import { httpFunction } from '#core/function.ts';
import { halt } from './domain/policy.ts';
import { snapshotOf } from './domain/policy-view.ts';
import { createPolicy, lockPolicy, requireMode, savePolicy } from './store/policies.ts';

/**
 * The stop stands once the first transaction commits. The answer waits for execution to say that nothing leaves any more; where it
 * cannot be reached the answer says so, and execution learns of the stop from the event.
 */
export default httpFunction(
  emergencyStop,
  {
    emits: [emergencyTriggered, policyChanged],
    calls: [acknowledgeHalt],
    cpu: 1,
    memory: '512MiB',
    concurrency: 40,
    maxInstances: 5,
    minInstances: 1,
  },
  async ({ reason }, { transaction, call, caller, now }): Promise<OperationOutput<typeof emergencyStop>> => {
    const at = now.toISOString();
    const halted = await transaction(async ({ tx, publish }) => {
      await createPolicy(tx, now, caller.id);
      const policy = await lockPolicy(tx);
      if (policy === undefined) throw new Error('the policy that was just made sure of is not to be seen');
      const stopped = halt(policy, { by: caller.id, at: now });
      if (stopped === policy) return policy;
      await savePolicy(tx, stopped);
      const { haltEpoch } = stopped;
      publish(emergencyTriggered, { policy: 'policy', haltEpoch, reason, triggeredBy: caller.id, at });
      const row = await requireMode(tx, stopped.mode, now);
      publish(policyChanged, { policy: 'policy', ...snapshotOf(stopped, row), changedBy: caller.id });
      return stopped;
    });
    const { version, tradingState, haltEpoch } = halted;
    const stands = { version, tradingState, haltEpoch };
    const answer = await call(acknowledgeHalt, { haltEpoch, reason, at });
    if (!answer.ok) {
      const detail = `stopped, but execution has not acknowledged it yet: ${answer.detail}`;
      return { ...stands, acknowledged: false, detail, inFlight: [], cancelled: [] };
    }
    const { inFlight, cancelled } = answer.output;
    return { ...stands, acknowledged: true, inFlight, cancelled };
  },
);

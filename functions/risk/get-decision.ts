import { getDecision } from '#contracts/risk/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadDecision } from './store/decisions.ts';

export default httpFunction(
  getDecision,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ id }, { tx }) => {
    const decision = await loadDecision(tx, id);
    if (decision === undefined) return { problem: 'not-found', detail: 'there is no decision on such a signal' };
    const { result, sequence, observedAt, ...decided } = decision;
    return { ...decided, ...result, decidedAt: { instrument: decision.instrument, sequence, observedAt } };
  },
);

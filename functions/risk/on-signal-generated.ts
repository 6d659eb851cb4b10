import { signalGenerated } from '#contracts/ai/events.ts';
import { fromNumber } from '#contracts/kit/decimal.ts';
import type { EventData } from '#contracts/kit/event.ts';
import { signalApproved, signalRejected } from '#contracts/risk/events.ts';
import { eventFunction } from '#core/function.ts';
import { decide } from './domain/decide.ts';
import type { Signal } from './domain/facts.ts';
import { reserve } from './domain/lane.ts';
import { standingBefore } from './domain/policy.ts';
import { saveApproval, saveRejection } from './store/decisions.ts';
import { fastCopyAt } from './store/fast-copy.ts';
import { lockSituation } from './store/situations.ts';

/** Statistics enter exact arithmetic with so many places. */
const CONFIDENCE_PLACES = 6;
const VOLATILITY_PLACES = 12;

/** The pre-trade checks: exactly one decision a signal, in two round trips. */
export default eventFunction(
  signalGenerated,
  {
    onPoison: 'skip',
    emits: [signalApproved, signalRejected],
    firestore: 'read',
    cpu: 1,
    memory: '512MiB',
    concurrency: 40,
    maxInstances: 10,
  },
  async (data, { tx, tenant, newId, publish, policy: cachedPolicy, log }) => {
    const cached = await cachedPolicy(tenant);
    const { signalId, mandateId, strategy, instrument, book, purpose, side, decidedAt, modelVersion } = data;
    const { sequence, observedAt } = decidedAt;
    const asked = { signalId, book, purpose, instrument, sequence, observedAt };
    const { isDecided, ...recorded } = await lockSituation(tx, asked);
    if (isDecided) {
      log.info({ signalId }, 'the signal has been decided on already');
      return;
    }
    const signal = signalOf(data);
    const { policy } = recorded;
    const version = policy === undefined ? 0 : standingBefore(policy, signal).version;
    const fastCopy = await fastCopyAt(tenant, cached, version);
    if (fastCopy.kind !== 'known')
      log.warn({ signalId, fastCopy: fastCopy.kind }, 'no copy of the policy: reductions only');

    const decision = decide({ ...recorded, signal, fastCopy });
    const { policyVersion, checks } = decision;
    const haltEpoch = policy?.haltEpoch ?? 0;
    const decided = { signalId, mandateId, strategy, instrument, book, purpose, side, policyVersion, modelVersion };
    const stored = { ...decided, haltEpoch, checks, sequence, observedAt };
    if (decision.outcome === 'rejected') {
      const { reason, detail } = decision;
      const isFirst = await saveRejection(tx, { ...stored, result: { outcome: 'rejected', reason, detail } });
      if (isFirst) publish(signalRejected, { ...decided, decidedAt, reason, detail });
      return;
    }
    const { quantity } = decision;
    const approvalId = newId();
    const isFirst = await saveApproval(
      tx,
      { ...stored, result: { outcome: 'approved', approvalId, quantity } },
      reserve(recorded.lane, side, quantity, sequence, mandateId),
    );
    if (!isFirst) return;
    const { limitPrice, price, volatility } = data;
    publish(signalApproved, {
      ...decided,
      decidedAt,
      approvalId,
      quantity,
      ...(limitPrice === undefined ? { orderType: 'MARKET' } : { orderType: 'LIMIT', limitPrice }),
      price,
      volatility,
      haltEpoch,
    });
  },
);

function signalOf(data: EventData<typeof signalGenerated>): Signal {
  return {
    mandateId: data.mandateId,
    instrument: data.instrument,
    purpose: data.purpose,
    side: data.side,
    confidence: fromNumber(data.confidence, CONFIDENCE_PLACES),
    price: data.price,
    limitPrice: data.limitPrice,
    volatility: fromNumber(data.volatility, VOLATILITY_PLACES),
    maxPositionLots: String(data.maxPositionLots),
    sequence: data.decidedAt.sequence,
    observedAt: data.decidedAt.observedAt,
  };
}

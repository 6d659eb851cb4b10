import * as z from 'zod';
import { decimal } from '../kit/decimal.ts';
import { event } from '../kit/event.ts';
import { positiveLots, price } from '../kit/quantity.ts';
import { book, decisionPoint, instant, instrumentId, purpose, side, tradingState } from '../kit/trading-terms.ts';

/** Why a signal may not become an order: a closed list. */
export const rejectionReason = z.enum([
  'halted',
  'reducing-only',
  'mode',
  'policy-unavailable',
  'duplicate',
  'stale-price',
  'no-price',
  'collar',
  'not-tradable',
  'tick-size',
  'lot-size',
  'order-limit',
  'position-limit',
  'notional-limit',
  'rate-limit',
  'confidence',
  'drawdown',
  'circuit-breaker',
  'size-rounds-to-zero',
]);

const decided = {
  signalId: z.uuid(),
  mandateId: z.uuid(),
  strategy: z.string(),
  instrument: instrumentId,
  book,
  purpose,
  side,
  decidedAt: decisionPoint,
  policyVersion: z.int().min(0),
  modelVersion: z.string(),
};

export const signalApproved = event({
  type: 'risk.signal.approved',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'A signal has passed every limit, and its limit is reserved',
  data: z.object({
    ...decided,
    approvalId: z.uuid(),
    quantity: positiveLots,
    orderType: z.enum(['MARKET', 'LIMIT']),
    limitPrice: price.optional(),
    /** The price the decision was made on. */
    price,
    volatility: z.number().min(0),
    /** Execution refuses an approval whose epoch is behind its own. */
    haltEpoch: z.int().min(0),
  }),
});

export const signalRejected = event({
  type: 'risk.signal.rejected',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'A signal has failed a limit',
  data: z.object({ ...decided, reason: rejectionReason, detail: z.string() }),
});

export const policyChanged = event({
  type: 'policy.mode.changed',
  version: 1,
  scope: 'tenant',
  orderBy: 'policy',
  summary: "A tenant's policy has a new version",
  data: z.object({
    /** The one aggregate: always `policy`. */
    policy: z.literal('policy'),
    version: z.int().min(1),
    mode: z.string(),
    tradingState,
    haltEpoch: z.int().min(0),
    sizeMultiplier: decimal,
    minimumConfidence: decimal,
    changedBy: z.string(),
  }),
});

export const limitsChanged = event({
  type: 'policy.limits.changed',
  version: 1,
  scope: 'tenant',
  orderBy: 'policy',
  summary: "A tenant's limits have a new version",
  data: z.object({
    policy: z.literal('policy'),
    version: z.int().min(1),
    limits: z.record(z.string(), decimal),
    changedBy: z.string(),
  }),
});

export const circuitBreakerActivated = event({
  type: 'risk.circuit_breaker.activated',
  version: 1,
  scope: 'tenant',
  orderBy: 'policy',
  summary:
    'Losses have tripped a breaker: a drawdown puts the tenant into REDUCING, the others stop one position for a while',
  data: z.object({
    policy: z.literal('policy'),
    cause: z.enum(['drawdown', 'loss-streak', 'daily-loss']),
    detail: z.string(),
    at: instant,
  }),
});

export const emergencyTriggered = event({
  type: 'safety.emergency.triggered',
  version: 1,
  scope: 'tenant',
  orderBy: 'policy',
  summary: 'Trading has stopped: HALTED, and working orders are cancelled',
  data: z.object({
    policy: z.literal('policy'),
    haltEpoch: z.int().min(1),
    reason: z.string(),
    triggeredBy: z.string(),
    at: instant,
  }),
});

export const emergencyCleared = event({
  type: 'safety.emergency.cleared',
  version: 1,
  scope: 'tenant',
  orderBy: 'policy',
  summary: 'Trading goes on, confirmed by a second person',
  data: z.object({
    policy: z.literal('policy'),
    haltEpoch: z.int().min(1),
    requestedBy: z.string(),
    confirmedBy: z.string(),
    at: instant,
  }),
});

import * as z from 'zod';
import { decimal, nonNegativeDecimal } from '../kit/decimal.ts';
import { operation } from '../kit/operation.ts';
import { lots, positiveLots } from '../kit/quantity.ts';
import { book, decisionPoint, instant, instrumentId, purpose, side, tradingState } from '../kit/trading-terms.ts';
import { rejectionReason } from './events.ts';

/** What a tenant allows itself. Every limit is an upper one: a larger number is a looser limit. */
const limits = z.strictObject({
  /** Lots of one order. */
  maxOrderLots: nonNegativeDecimal,
  /** Lots of one position, either way, everything that works included. */
  maxPositionLots: nonNegativeDecimal,
  /** Worth of one position, either way, in the instrument's currency. */
  maxNotional: nonNegativeDecimal,
  /** Approvals on one bar in one position. */
  maxOrdersPerBar: nonNegativeDecimal,
  /** Share of peak equity lost, 0 to 1. */
  maxDrawdown: nonNegativeDecimal,
  /** Realised loss of one position on one market day, in its currency. */
  maxDailyLoss: nonNegativeDecimal,
  /** Losing trades in a row in one position. */
  maxLossStreak: nonNegativeDecimal,
  /** Bars the market may have moved on since the signal's. */
  maxSignalAgeBars: nonNegativeDecimal,
});

const changeKind = z.enum(['mode', 'limits', 'resume']);

/** A change that waits for a second person. */
const pendingChange = z.object({
  id: z.uuid(),
  kind: changeKind,
  /** What confirming a change of mode brings about. */
  mode: z.string().optional(),
  /** What confirming a change of limits brings about. */
  limits: limits.optional(),
  requestedBy: z.string(),
  requestedAt: instant,
  expiresAt: instant,
});

const policy = z.object({
  version: z.int().min(1),
  mode: z.string(),
  tradingState,
  haltEpoch: z.int().min(0),
  sizeMultiplier: decimal,
  minimumConfidence: decimal,
  /** Share of peak equity lost, as last reported. */
  drawdown: decimal,
  changedBy: z.string(),
  changedAt: instant,
  pendingChanges: z.array(pendingChange),
});

const limitsOfPolicy = z.object({
  version: z.int().min(1),
  /** The tenant's own. */
  limits,
  /** The tenant's own or the mode's, whichever is the tighter: what decisions go by. */
  effective: limits,
  pendingChanges: z.array(pendingChange),
});

const reader = ['trader', 'risk-officer', 'platform-admin'] as const;
const decider = ['trader', 'risk-officer'] as const;

export const getPolicy = operation({
  method: 'GET',
  path: '/v1/risk/policy',
  summary: 'The policy in force, and the changes that wait for a second person',
  audience: 'public',
  roles: reader,
  input: z.strictObject({}),
  output: policy,
  problems: ['not-found'],
  versionField: 'version',
});

export const changeMode = operation({
  method: 'PUT',
  path: '/v1/risk/policy/mode',
  summary: 'Change the mode; a mode that takes on more risk waits for a second person',
  audience: 'public',
  roles: decider,
  input: z.strictObject({ mode: z.string().min(1).max(40) }),
  output: policy,
  problems: ['not-found', 'unknown-mode', 'person-required', 'version-required', 'version-changed'],
  versionField: 'version',
});

export const confirmChange = operation({
  method: 'POST',
  path: '/v1/risk/policy/changes/{id}/confirm',
  summary: 'Confirm, as a second person, a change of mode or limits that somebody else asked for',
  audience: 'public',
  roles: decider,
  input: z.strictObject({ id: z.uuid() }),
  output: policy,
  problems: [
    'not-found',
    'second-person-required',
    'person-required',
    'change-lapsed',
    'change-settled',
    'change-outdated',
    'unknown-mode',
  ],
  versionField: 'version',
});

const orderInFlight = z.object({ orderId: z.uuid(), instrument: instrumentId, side, quantity: lots });

export const emergencyStop = operation({
  method: 'POST',
  path: '/v1/risk/emergency-stop',
  summary: 'Stop trading: nothing new, and working orders are cancelled. One person suffices',
  audience: 'public',
  roles: decider,
  input: z.strictObject({ reason: z.string().min(1).max(500) }),
  output: z.object({
    version: z.int().min(1),
    tradingState,
    haltEpoch: z.int().min(1),
    /** Whether execution has confirmed that no order leaves any more. The stop stands either way. */
    acknowledged: z.boolean(),
    /** Why it is not acknowledged. */
    detail: z.string().optional(),
    /** Already with a venue: they may still trade until their cancellation arrives. */
    inFlight: z.array(orderInFlight),
    /** Never sent, and never to be. */
    cancelled: z.array(orderInFlight),
  }),
});

export const resume = operation({
  method: 'POST',
  path: '/v1/risk/resume',
  summary: "Trade again after a stop: the first person's call asks, a second person's confirms within 15 minutes",
  audience: 'public',
  roles: decider,
  input: z.strictObject({}),
  output: policy,
  problems: ['not-found', 'second-person-required', 'person-required', 'not-stopped'],
  versionField: 'version',
});

export const getLimits = operation({
  method: 'GET',
  path: '/v1/risk/limits',
  summary: "The tenant's limits, and those in effect under its mode",
  audience: 'public',
  roles: reader,
  input: z.strictObject({}),
  output: limitsOfPolicy,
  problems: ['not-found'],
  versionField: 'version',
});

export const changeLimits = operation({
  method: 'PUT',
  path: '/v1/risk/limits',
  summary: 'Change the limits; a change that raises any of them waits, whole, for a second person',
  audience: 'public',
  roles: decider,
  input: z.strictObject({ limits }),
  output: limitsOfPolicy,
  problems: ['not-found', 'person-required', 'version-required', 'version-changed'],
  versionField: 'version',
});

export const getDecision = operation({
  method: 'GET',
  path: '/v1/risk/decisions/{id}',
  summary: 'What was decided on a signal, by its id, with every check and what it went by',
  audience: 'public',
  roles: reader,
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({
    signalId: z.uuid(),
    mandateId: z.uuid(),
    strategy: z.string(),
    instrument: instrumentId,
    book,
    purpose,
    side,
    outcome: z.enum(['approved', 'rejected']),
    /** The first check that failed. */
    reason: rejectionReason.optional(),
    detail: z.string().optional(),
    approvalId: z.uuid().optional(),
    quantity: positiveLots.optional(),
    policyVersion: z.int().min(0),
    modelVersion: z.string(),
    haltEpoch: z.int().min(0),
    decidedAt: decisionPoint,
    checks: z.array(
      z.object({
        check: rejectionReason,
        passed: z.boolean(),
        inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        detail: z.string().optional(),
      }),
    ),
  }),
  problems: ['not-found'],
});

import { compare, type Decimal } from '#contracts/kit/decimal.ts';
import type { TradingState } from '#contracts/kit/trading-terms.ts';
import type { Limits } from './limits.ts';

/** A mode as its dated row has it. */
export interface Mode {
  mode: string;
  sizeMultiplier: Decimal;
  minimumConfidence: Decimal;
  /** Whether positions may be opened or grown in it. */
  permitsIncrease: boolean;
  /** Whether entering it takes on risk that a second person must agree to. */
  needsSecondPerson: boolean;
  limits: Limits;
}

/** The bar an automatic change happened in: decisions on that same bar do not see it. */
export interface ChangePoint {
  instrument: string;
  sequence: number;
}

/** The part of a policy that an automatic change may alter. */
export interface Standing {
  version: number;
  tradingState: TradingState;
  /** Share of peak equity lost, as last reported. */
  drawdown: Decimal;
}

export interface Policy extends Standing {
  mode: string;
  haltEpoch: number;
  limits: Limits;
  changedBy: string;
  changedAt: Date;
  /** Where the last change came from a bar: that bar, and how things stood before it. People's changes count at once. */
  automatic: { point: ChangePoint; before: Standing } | null;
}

/** Who changes a policy, and when. */
export interface Change {
  by: string;
  at: Date;
}

/** How things stood for a decision on this bar: without what that same bar has changed. */
export function standingBefore(policy: Policy, point: ChangePoint): Standing {
  const { automatic } = policy;
  return automatic !== null && samePoint(automatic.point, point) ? automatic.before : policy;
}

/** HALTED, in a new epoch. A halted policy stays as it is: stopping twice is stopping once. */
export function halt(policy: Policy, change: Change): Policy {
  if (policy.tradingState === 'HALTED') return policy;
  return { ...byPerson(policy, change), tradingState: 'HALTED', haltEpoch: policy.haltEpoch + 1 };
}

/** RUNNING again. Who resumes has seen the drawdown: it counts again from its next report. */
export function resumed(policy: Policy, change: Change): Policy {
  return { ...byPerson(policy, change), tradingState: 'RUNNING', drawdown: '0' };
}

export function inMode(policy: Policy, mode: string, change: Change): Policy {
  return { ...byPerson(policy, change), mode };
}

export function withLimits(policy: Policy, limits: Limits, change: Change): Policy {
  return { ...byPerson(policy, change), limits };
}

/**
 * A reported drawdown is noted; above the limit it puts a RUNNING policy into REDUCING, which is a new version. Nothing new to note:
 * the policy as it is. Several reports of one bar leave one change: what stood before that bar stays what stood before it.
 */
export function drawnDown(
  policy: Policy,
  drawdown: Decimal,
  maxDrawdown: Decimal,
  point: ChangePoint,
  at: Date,
): Policy {
  const trips = policy.tradingState === 'RUNNING' && compare(drawdown, maxDrawdown) > 0;
  if (!trips && compare(drawdown, policy.drawdown) === 0) return policy;
  const { version, tradingState, drawdown: drawdownBefore } = standingBefore(policy, point);
  const noted = {
    ...policy,
    drawdown,
    automatic: { point, before: { version, tradingState, drawdown: drawdownBefore } },
  };
  if (!trips) return noted;
  return { ...noted, version: policy.version + 1, tradingState: 'REDUCING', changedBy: 'risk', changedAt: at };
}

function byPerson(policy: Policy, { by, at }: Change): Policy {
  return { ...policy, version: policy.version + 1, changedBy: by, changedAt: at, automatic: null };
}

function samePoint(left: ChangePoint, right: ChangePoint): boolean {
  return left.instrument === right.instrument && left.sequence === right.sequence;
}

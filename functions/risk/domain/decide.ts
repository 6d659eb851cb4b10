import { compare, type Decimal, sign } from '#contracts/kit/decimal.ts';
import type { Check, Inputs } from './check.ts';
import type { Facts, Situation } from './facts.ts';
import { exposureFor, reducibleLots } from './lane.ts';
import { effectiveLimits } from './limits.ts';
import { collar, duplicate, noPrice, notTradable, stalePrice, tickSize } from './market-checks.ts';
import { standingBefore } from './policy.ts';
import { circuitBreaker, drawdown, halted, mode, policyUnavailable, reducingOnly } from './policy-checks.ts';
import type { Reason } from './reasons.ts';
import {
  confidence,
  lotSize,
  notionalLimit,
  orderLimit,
  positionLimit,
  rateLimit,
  sizeRoundsToZero,
} from './size-checks.ts';
import { cutToReduction, sizeOf } from './sizing.ts';

/** Every check there is. The first that fails is the reason given; all of them are recorded. */
export const CHECKS: readonly Check[] = [
  policyUnavailable,
  halted,
  reducingOnly,
  mode,
  drawdown,
  circuitBreaker,
  duplicate,
  notTradable,
  noPrice,
  stalePrice,
  collar,
  confidence,
  sizeRoundsToZero,
  tickSize,
  lotSize,
  orderLimit,
  positionLimit,
  notionalLimit,
  rateLimit,
];

/** What limits growing a position, but not reducing it. */
const REDUCTION_CHECKS: readonly Check[] = [policyUnavailable, reducingOnly, mode, drawdown, circuitBreaker];

export interface CheckResult {
  check: Reason;
  passed: boolean;
  inputs: Inputs;
  detail?: string;
}

export type Decision = { policyVersion: number; checks: CheckResult[] } & (
  | { outcome: 'approved'; quantity: Decimal }
  | { outcome: 'rejected'; reason: Reason; detail: string }
);

/**
 * Decides on a signal by what stood before its bar: whichever of the bar's own effects have arrived already, the answer is the same.
 * Where only reductions are permitted, the size is cut to one.
 */
export function decide(situation: Situation): Decision {
  const facts = factsOf(situation);
  const checks = CHECKS.map(({ reason, judge }): CheckResult => ({ check: reason, ...judge(facts) }));
  const policyVersion = facts.standing?.version ?? 0;
  const failure = checks.find((check) => !check.passed);
  if (failure === undefined) return { outcome: 'approved', quantity: facts.quantity, policyVersion, checks };
  return { outcome: 'rejected', reason: failure.check, detail: failure.detail ?? failure.check, policyVersion, checks };
}

function factsOf(situation: Situation): Facts {
  const { signal, policy, mode: modeRow, instrument, lane } = situation;
  const asked: Facts = {
    ...situation,
    standing: policy === undefined ? undefined : standingBefore(policy, signal),
    limits: policy === undefined || modeRow === undefined ? undefined : effectiveLimits(policy.limits, modeRow.limits),
    exposure: exposureFor(lane, signal.sequence),
    quantity: modeRow === undefined || instrument === undefined ? '0' : sizeOf(signal, modeRow, instrument),
    reduces: false,
  };
  return permitted(withQuantity(asked, asked.quantity));
}

/** Cuts the size to a reduction where nothing larger is permitted. */
function permitted(facts: Facts): Facts {
  const mayGrow = facts.reduces || REDUCTION_CHECKS.every(({ judge }) => judge(facts).passed);
  if (mayGrow || facts.instrument === undefined) return facts;
  const reducible = reducibleLots(facts.exposure, facts.signal.side);
  return withQuantity(facts, cutToReduction(facts.quantity, reducible, facts.instrument.lotSize));
}

function withQuantity(facts: Facts, quantity: Decimal): Facts {
  const reducible = reducibleLots(facts.exposure, facts.signal.side);
  return { ...facts, quantity, reduces: sign(quantity) > 0 && compare(quantity, reducible) <= 0 };
}

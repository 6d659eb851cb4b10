import { compare } from '#contracts/kit/decimal.ts';
import { type Check, failed, type Judgement, judged, passed } from './check.ts';
import type { Facts } from './facts.ts';
import { trippedAt } from './losses.ts';

/** PostgreSQL's row is the truth. A fast copy that is away, or behind it, permits reductions only; without any row nothing is permitted. */
export const policyUnavailable: Check = {
  reason: 'policy-unavailable',
  judge({ standing, fastCopy, reduces }) {
    if (standing === undefined) return failed({ fastCopy: fastCopy.kind }, 'the tenant has no policy yet');
    const isCurrent = fastCopy.kind === 'known' && fastCopy.version >= standing.version;
    const inputs = { fastCopy: fastCopy.kind, isCurrent, version: standing.version, reduces };
    return judged(isCurrent || reduces, inputs, 'the fast copy of the policy is not to be had: reductions only');
  },
};

/** HALTED: nothing new, reductions included. */
export const halted: Check = {
  reason: 'halted',
  judge: ({ standing }) =>
    judged(standing?.tradingState !== 'HALTED', { tradingState: standing?.tradingState ?? null }, 'trading is halted'),
};

/** REDUCING: the order may not grow the position even if everything that works trades. */
export const reducingOnly: Check = {
  reason: 'reducing-only',
  judge: ({ standing, reduces }) =>
    judged(
      standing?.tradingState !== 'REDUCING' || reduces,
      { tradingState: standing?.tradingState ?? null, reduces },
      'only what lowers risk may be traded',
    ),
};

/** The mode must have a row valid at the bar's time; one that permits no increase leaves reductions. */
export const mode: Check = {
  reason: 'mode',
  judge(facts) {
    if (facts.mode === undefined) return failed({ mode: null }, "no row of the policy's mode is valid at this time");
    const { mode: name, permitsIncrease } = facts.mode;
    return onlyIncreases(
      facts,
      { mode: name, permitsIncrease },
      permitsIncrease,
      `${name} opens and grows no position`,
    );
  },
};

/** The drawdown last reported before this bar, against the limit. */
export const drawdown: Check = {
  reason: 'drawdown',
  judge(facts) {
    const { standing, limits } = facts;
    if (standing === undefined || limits === undefined) return passed();
    const inputs = { drawdown: standing.drawdown, maxDrawdown: limits.maxDrawdown };
    const holds = compare(standing.drawdown, limits.maxDrawdown) <= 0;
    return onlyIncreases(facts, inputs, holds, `the account has lost ${standing.drawdown} of its peak`);
  },
};

/** A position that has lost too often or too much is left alone for a while. */
export const circuitBreaker: Check = {
  reason: 'circuit-breaker',
  judge(facts) {
    const { lane, signal } = facts;
    const cause = trippedAt(lane.losses, signal.sequence, signal.observedAt);
    return onlyIncreases(facts, { cause: cause ?? null }, cause === undefined, `the position is paused: ${cause}`);
  },
};

function onlyIncreases(facts: Facts, inputs: Judgement['inputs'], holds: boolean, detail: string): Judgement {
  return judged(holds || facts.reduces, { ...inputs, reduces: facts.reduces }, detail);
}

import { absolute, add, compare, isMultipleOf, multiply, sign, smaller } from '#contracts/kit/decimal.ts';
import { type Check, judged, passed } from './check.ts';
import type { Facts } from './facts.ts';
import { worstLong, worstShort } from './lane.ts';

/** Hedges are not a matter of confidence. */
export const confidence: Check = {
  reason: 'confidence',
  judge({ signal, mode }) {
    if (signal.purpose === 'HEDGE' || mode === undefined) return passed({ purpose: signal.purpose });
    const inputs = { confidence: signal.confidence, minimumConfidence: mode.minimumConfidence };
    const holds = compare(signal.confidence, mode.minimumConfidence) >= 0;
    return judged(holds, inputs, `${mode.mode} asks for ${mode.minimumConfidence}`);
  },
};

export const sizeRoundsToZero: Check = {
  reason: 'size-rounds-to-zero',
  judge({ quantity, mode, instrument }) {
    if (mode === undefined || instrument === undefined) return passed();
    const inputs = { quantity, sizeMultiplier: mode.sizeMultiplier };
    return judged(sign(quantity) > 0, inputs, 'there is nothing to trade at this size');
  },
};

export const lotSize: Check = {
  reason: 'lot-size',
  judge({ quantity, instrument }) {
    if (instrument === undefined) return passed();
    const inputs = { quantity, lotSize: instrument.lotSize };
    return judged(isMultipleOf(quantity, instrument.lotSize), inputs, 'not a whole number of lots');
  },
};

export const orderLimit: Check = {
  reason: 'order-limit',
  judge({ quantity, limits }) {
    if (limits === undefined) return passed();
    const inputs = { quantity, maxOrderLots: limits.maxOrderLots };
    return judged(
      compare(quantity, limits.maxOrderLots) <= 0,
      inputs,
      `an order is ${limits.maxOrderLots} lots at most`,
    );
  },
};

/** The tighter of the policy's limit and the mandate's, on the worst the position can become. What reduces passes. */
export const positionLimit: Check = {
  reason: 'position-limit',
  judge(facts) {
    const { signal, limits, reduces } = facts;
    if (limits === undefined) return passed();
    const most = smaller(limits.maxPositionLots, signal.maxPositionLots);
    const worst = worstAfter(facts);
    const inputs = { worst, maxPositionLots: most, reduces };
    return judged(
      reduces || compare(worst, most) <= 0,
      inputs,
      `the position could become ${worst} lots; ${most} is the limit`,
    );
  },
};

/** The worst position at the signal's price. A negative price is worth its distance from zero. */
export const notionalLimit: Check = {
  reason: 'notional-limit',
  judge(facts) {
    const { signal, limits, instrument, reduces } = facts;
    if (limits === undefined || instrument === undefined) return passed();
    const notional = multiply(multiply(worstAfter(facts), instrument.multiplier), absolute(signal.price));
    const inputs = { notional, maxNotional: limits.maxNotional, reduces };
    const holds = reduces || compare(notional, limits.maxNotional) <= 0;
    return judged(holds, inputs, `the position could be worth ${notional}`);
  },
};

/** Counted in bars, which are event time: a replay counts as the market did. */
export const rateLimit: Check = {
  reason: 'rate-limit',
  judge({ lane, signal, limits }) {
    if (limits === undefined) return passed();
    const onThisBar = lane.approvals.sequence === signal.sequence ? lane.approvals.count : 0;
    const inputs = { approvedOnThisBar: onThisBar, maxOrdersPerBar: limits.maxOrdersPerBar };
    const holds = compare(String(onThisBar + 1), limits.maxOrdersPerBar) <= 0;
    return judged(holds, inputs, `${onThisBar} orders on this bar already`);
  },
};

function worstAfter({ exposure, quantity, signal }: Facts) {
  return add(signal.side === 'BUY' ? worstLong(exposure) : worstShort(exposure), quantity);
}

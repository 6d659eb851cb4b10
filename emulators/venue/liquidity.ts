import { add, compare, type Decimal, multiply, roundToMultiple, sign, subtract } from '#contracts/kit/decimal.ts';
import type { Side } from '#contracts/kit/trading-terms.ts';
import type { InstrumentTerms } from './instrument.ts';

/** What one bar's synthetic market offers to takers of one side, best price first. */
export interface Ladder {
  /** The best price that still has lots, and how many; undefined when all levels are taken. */
  best(): { price: Decimal; lots: Decimal } | undefined;
  /** Takes lots at the best price: no more than it has. */
  take(lots: Decimal): void;
}

/**
 * The synthetic liquidity of one bar. Levels stand around a reference price; a level that two ladders share
 * (the open's and a stop's) is taken once.
 */
export function createLiquidity(instrument: InstrumentTerms) {
  const taken = { BUY: new Map<Decimal, Decimal>(), SELL: new Map<Decimal, Decimal>() };

  /** `side` is the taker's: a BUY ladder rises from the reference, a SELL ladder falls from it. */
  return function ladderFor(side: Side, reference: Decimal, spreadTicks: number): Ladder {
    const takenLots = taken[side];
    const step = side === 'BUY' ? instrument.tickSize : subtract('0', instrument.tickSize);
    // A reference off the tick (an index, an average) gives the taker the worse side of it.
    const touch = roundToMultiple(reference, instrument.tickSize, side === 'BUY' ? 'up' : 'down');
    let price = add(touch, multiply(step, String(spreadTicks)));
    let level = 0;

    const best = () => {
      while (level < instrument.levels) {
        const lots = subtract(instrument.depthLots, takenLots.get(price) ?? '0');
        if (sign(lots) > 0) return { price, lots };
        price = add(price, step);
        level += 1;
      }
      return undefined;
    };
    const take = (lots: Decimal) => {
      const offer = best();
      if (offer === undefined || compare(lots, offer.lots) > 0) throw new RangeError(`${lots} lots are not offered`);
      takenLots.set(offer.price, add(takenLots.get(offer.price) ?? '0', lots));
    };
    return { best, take };
  };
}

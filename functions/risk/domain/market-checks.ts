import { absolute, compare, isMultipleOf, isZero, larger, multiply, subtract } from '#contracts/kit/decimal.ts';
import { type Check, failed, judged, passed } from './check.ts';

/** No collar is narrower, however quiet the market was. */
const MINIMUM_COLLAR_TICKS = '10';

/** One approval a mandate and bar: the same opinion twice is one opinion. */
export const duplicate: Check = {
  reason: 'duplicate',
  judge({ lane, signal }) {
    const approvedOn = lane.approvedMandates[signal.mandateId] ?? null;
    const inputs = { approvedOn, sequence: signal.sequence };
    return judged(approvedOn !== signal.sequence, inputs, 'the mandate has an approval on this bar already');
  },
};

/** An index is quoted, never traded; what nobody has listed is neither. */
export const notTradable: Check = {
  reason: 'not-tradable',
  judge({ instrument }) {
    if (instrument === undefined) return failed({ listed: false }, 'the instrument is not listed');
    return judged(
      instrument.tradable,
      { listed: true, tradable: instrument.tradable },
      'the instrument is only quoted',
    );
  },
};

/** Without a price from before the bar there is nothing to hold the signal's against. */
export const noPrice: Check = {
  reason: 'no-price',
  judge: ({ reference }) =>
    judged(reference !== undefined, { reference: reference?.close ?? null }, 'no price is known from before the bar'),
};

/** By event time alone: how many bars the market has moved on since the signal's, and how many the reference lies behind it. */
export const stalePrice: Check = {
  reason: 'stale-price',
  judge({ signal, reference, latestSequence, limits }) {
    if (limits === undefined || reference === undefined) return passed();
    // Whether the signal's own bar has been seen here yet says nothing, and must not be on record.
    const latest = Math.max(latestSequence, signal.sequence);
    const age = Math.max(latest - signal.sequence, signal.sequence - 1 - reference.sequence);
    const inputs = {
      sequence: signal.sequence,
      latestSequence: latest,
      referenceSequence: reference.sequence,
      maxSignalAgeBars: limits.maxSignalAgeBars,
    };
    const holds = compare(String(age), limits.maxSignalAgeBars) <= 0;
    return judged(holds, inputs, `signal and market are ${age} bars apart`);
  },
};

/** Absolute, in bar volatilities and ticks: a price may be negative, so a percentage of it means nothing. */
export const collar: Check = {
  reason: 'collar',
  judge({ signal, reference, instrument }) {
    if (reference === undefined || instrument === undefined) return passed();
    if (isZero(instrument.collarVolatilities)) return passed({ collarVolatilities: '0' });
    const width = larger(
      multiply(instrument.collarVolatilities, signal.volatility),
      multiply(MINIMUM_COLLAR_TICKS, instrument.tickSize),
    );
    const prices = signal.limitPrice === undefined ? [signal.price] : [signal.price, signal.limitPrice];
    const moves = prices.map((price) => absolute(subtract(price, reference.close)));
    const move = moves.reduce(larger);
    const inputs = { price: signal.price, reference: reference.close, width };
    return judged(compare(move, width) <= 0, inputs, `${move} away from the price before, more than ${width}`);
  },
};

/** A limit price stands on the grid. A market order has none. */
export const tickSize: Check = {
  reason: 'tick-size',
  judge({ signal, instrument }) {
    if (signal.limitPrice === undefined || instrument === undefined) return passed({ limitPrice: null });
    const inputs = { limitPrice: signal.limitPrice, tickSize: instrument.tickSize };
    return judged(isMultipleOf(signal.limitPrice, instrument.tickSize), inputs, 'the limit price is between two ticks');
  },
};

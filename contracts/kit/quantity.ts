import { decimal, nonNegativeDecimal, positiveDecimal } from './decimal.ts';

/** A price in the instrument's quotation unit. It may be negative: EIA's Cushing spot was -36.98 on 2020-04-20. */
export const price = decimal;

/** A number of lots, never negative: the direction is said by `side`. */
export const lots = nonNegativeDecimal;

/** A number of lots above zero. */
export const positiveLots = positiveDecimal;

/** A position in lots: above zero is long, below is short. */
export const signedLots = decimal;

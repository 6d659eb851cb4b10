import type { Decimal } from '#contracts/kit/decimal.ts';

/** What execution needs to know of an instrument, from what market lists. */
export interface Instrument {
  instrument: string;
  tradable: boolean;
  venue: string;
  currency: string;
  /** Currency units a move of 1.0 in price is worth for one lot. */
  multiplier: Decimal;
}

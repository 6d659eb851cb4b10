import * as z from 'zod';
import { nonNegativeDecimal, positiveDecimal } from '#contracts/kit/decimal.ts';

/** How one instrument trades here: ticks, lots, fees, and the liquidity that stands in for the rest of the market. */
export const instrumentTerms = z.strictObject({
  tickSize: positiveDecimal,
  /** The smallest step of an order's quantity, in lots. */
  lotSize: positiveDecimal,
  /** Units of the commodity in one lot. Matching does not use it; who values a fill does. */
  multiplier: positiveDecimal,
  currency: z.string().regex(/^[A-Z][A-Z0-9]{2,9}$/, 'must be a currency such as "USD"'),
  fees: z.strictObject({ perLot: nonNegativeDecimal }),
  /** From a bar's open to the best synthetic bid and to the best synthetic ask, each. */
  spreadTicks: z.int().min(0).max(1_000_000),
  /** Lots offered at each price level, per bar. Zero: client orders meet only one another and a market that trades through them. */
  depthLots: nonNegativeDecimal,
  /** Price levels on each side, each one tick worse than the one before. */
  levels: z.int().min(0).max(1_000),
  /** Bars that an order waits beyond the first one after its decision. */
  latencyBars: z.int().min(0).max(1_000).default(0),
  /** Added to the spread at the first open of a date. */
  sessionGapTicks: z.int().min(0).max(1_000_000).default(0),
});

export type InstrumentTerms = z.infer<typeof instrumentTerms>;

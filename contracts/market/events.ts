import * as z from 'zod';
import { nonNegativeDecimal, positiveDecimal } from '../kit/decimal.ts';
import { event } from '../kit/event.ts';
import { currency } from '../kit/money.ts';
import { price } from '../kit/quantity.ts';
import { instant, instrumentId, priceSequence } from '../kit/trading-terms.ts';

/** The longest run of ticks one message carries. */
export const MAX_TICKS_PER_MESSAGE = 1_000;

export const tick = z.object({
  price,
  /** The market's time of the price: decisions go by it. */
  at: instant,
  /** Rises with each tick of this instrument and feed; gaps are allowed, repeats and steps back are not applied. */
  sequence: priceSequence,
  volume: nonNegativeDecimal.optional(),
});

export const priceUpdate = event({
  type: 'market.price.update',
  version: 1,
  scope: 'global',
  ingress: true,
  orderBy: 'instrument',
  summary: 'Prices of one instrument from one feed, oldest first',
  data: z.object({
    instrument: instrumentId,
    feed: z.string().min(1).max(64),
    ticks: z.array(tick).min(1).max(MAX_TICKS_PER_MESSAGE),
  }),
});

export const barClosed = event({
  type: 'market.bar.closed',
  version: 1,
  scope: 'global',
  orderBy: 'instrument',
  summary: 'An interval of an instrument is over: a later tick has been seen',
  data: z.object({
    instrument: instrumentId,
    /** The bar's number within its instrument, from 1, without gaps. */
    sequence: priceSequence,
    /** Length of the interval in seconds of market time. */
    intervalSeconds: z.int().min(1),
    openedAt: instant,
    /** The end of the interval: the instant from which a decision on this bar counts. */
    closedAt: instant,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: nonNegativeDecimal,
    ticks: z.int().min(1),
    /** The last tick in it. */
    priceSequence,
  }),
});

export const instrumentListed = event({
  type: 'market.instrument.listed',
  version: 1,
  scope: 'global',
  orderBy: 'instrument',
  summary: 'An instrument exists, or its facts or trading terms have changed',
  data: z.object({
    instrument: instrumentId,
    /** Rises with each change of this instrument. */
    version: z.int().min(1),
    description: z.string(),
    /** A price index is not a future: it is quoted and never traded. INDEX_CFD trades an index on the paper venue only. */
    kind: z.enum(['FUTURE', 'INDEX', 'INDEX_CFD', 'PERPETUAL', 'SPOT']),
    tradable: z.boolean(),
    currency,
    /** Currency units a move of 1.0 in price is worth for one lot. */
    multiplier: positiveDecimal,
    tickSize: positiveDecimal,
    lotSize: positiveDecimal,
    barIntervalSeconds: z.int().min(1),
    /** What the paper venue charges and shows. */
    feePerLot: nonNegativeDecimal,
    spreadTicks: z.int().min(0),
    depthLots: positiveDecimal,
    levels: z.int().min(1),
    /** The furthest an order's price may be from the last one, in bar volatilities; absolute, never a percentage. */
    collarVolatilities: z.number().min(0),
  }),
});

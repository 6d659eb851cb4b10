import * as z from 'zod';
import { nonNegativeDecimal, positiveDecimal } from '../kit/decimal.ts';
import { currency } from '../kit/money.ts';
import { operation } from '../kit/operation.ts';
import { price } from '../kit/quantity.ts';
import { instant, instrumentId, priceSequence } from '../kit/trading-terms.ts';

/** The most bars one page holds. */
const MAX_BARS_PER_PAGE = 1_000;

const instrumentTerms = {
  instrument: instrumentId,
  /** Says the quotation unit, such as US cents per pound. */
  description: z.string().min(1).max(200),
  kind: z.enum(['FUTURE', 'INDEX', 'INDEX_CFD', 'PERPETUAL', 'SPOT']),
  tradable: z.boolean(),
  currency,
  /** Currency units a move of 1.0 in price is worth for one lot. */
  multiplier: positiveDecimal,
  tickSize: positiveDecimal,
  lotSize: positiveDecimal,
  /** Length of a bar in seconds of market time; fixed once listed. */
  barIntervalSeconds: z.int().min(1).max(31_536_000),
};

export const listInstrument = operation({
  method: 'POST',
  path: '/v1/instruments',
  summary: 'List an instrument, or change the terms of a listed one',
  audience: 'public',
  roles: ['market-admin'],
  input: z.strictObject({
    ...instrumentTerms,
    feePerLot: nonNegativeDecimal.default('2.5'),
    spreadTicks: z.int().min(0).max(10_000).default(2),
    depthLots: positiveDecimal.default('50'),
    levels: z.int().min(1).max(100).default(5),
    collarVolatilities: z.number().min(0).default(10),
  }),
  output: z.object({ instrument: instrumentId, version: z.int().min(1) }),
  problems: ['index-is-not-traded', 'bar-interval-is-fixed', 'conflict'],
});

export const getInstruments = operation({
  method: 'GET',
  path: '/v1/instruments',
  summary: 'Every listed instrument with its facts and trading terms',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({
    instruments: z.array(
      z.object({
        ...instrumentTerms,
        version: z.int().min(1),
        feePerLot: nonNegativeDecimal,
        spreadTicks: z.int().min(0),
        depthLots: positiveDecimal,
        levels: z.int().min(1),
        collarVolatilities: z.number().min(0),
      }),
    ),
  }),
});

export const getQuote = operation({
  method: 'GET',
  path: '/v1/quotes/{instrument}',
  summary: 'The last price of an instrument',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ instrument: instrumentId }),
  output: z.object({
    instrument: instrumentId,
    price,
    /** The market's time of the price. */
    at: instant,
    priceSequence,
    /** Bars closed so far; the price is in the one after. */
    barsClosed: z.int().min(0),
  }),
  problems: ['not-found'],
});

export const getBars = operation({
  method: 'GET',
  path: '/v1/bars/{instrument}',
  summary: 'Closed bars of an instrument, newest first',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
    instrument: instrumentId,
    /** Only bars numbered below it: `nextBefore` of the page before. */
    before: z.coerce.number().int().min(1).optional(),
    limit: z.coerce.number().int().min(1).max(MAX_BARS_PER_PAGE).default(100),
  }),
  output: z.object({
    bars: z.array(
      z.object({
        sequence: z.int().min(1),
        openedAt: instant,
        closedAt: instant,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: nonNegativeDecimal,
        ticks: z.int().min(1),
        priceSequence,
      }),
    ),
    /** Absent on the last page. */
    nextBefore: z.int().min(1).optional(),
  }),
  problems: ['not-found'],
});

export const getFeedAccounting = operation({
  method: 'GET',
  path: '/v1/feeds/{feed}/accounting',
  summary: 'What became of every tick a feed has sent',
  audience: 'public',
  roles: ['market-admin', 'risk-officer', 'platform-admin'],
  input: z.strictObject({ feed: z.string().min(1).max(64) }),
  output: z.object({
    feed: z.string(),
    /** Applied, late and repeated add up to the ticks sent. */
    instruments: z.array(
      z.object({
        instrument: instrumentId,
        highWaterMark: priceSequence,
        applied: z.int().min(0),
        late: z.int().min(0),
        repeated: z.int().min(0),
        /** Of the instrument, all feeds together: ticks in closed bars and in the open one add up to what its feeds had applied. */
        barsClosed: z.int().min(0),
        ticksInClosedBars: z.int().min(0),
        ticksInOpenBar: z.int().min(0),
      }),
    ),
  }),
});

import * as z from 'zod';
import { event } from '../kit/event.ts';
import { price } from '../kit/quantity.ts';
import { book, decisionPoint, instrumentId, purpose, side } from '../kit/trading-terms.ts';

export const mandateGranted = event({
  type: 'ai.mandate.granted',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: "A tenant permits a strategy to trade an instrument in a book, within the mandate's limits",
  data: z.object({
    mandateId: z.uuid(),
    strategy: z.string(),
    instrument: instrumentId,
    book,
    /** The largest position either way, in lots. */
    maxPositionLots: z.int().min(1),
  }),
});

export const signalGenerated = event({
  type: 'ai.signal.generated',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: "A strategy's opinion on an instrument, under one mandate",
  data: z.object({
    signalId: z.uuid(),
    mandateId: z.uuid(),
    strategy: z.string(),
    instrument: instrumentId,
    book,
    purpose,
    side,
    /** 0 to 1. */
    confidence: z.number().min(0).max(1),
    /** The price it was formed on. */
    price,
    /** The bar it was formed on. */
    decidedAt: decisionPoint,
    /** Standard deviation of one bar's price change, in price units. */
    volatility: z.number().min(0),
    maxPositionLots: z.int().min(1),
    /** Asks for a limit order at this price; absent, for a market order. */
    limitPrice: price.optional(),
    modelVersion: z.string(),
    features: z.record(z.string(), z.number()),
  }),
});

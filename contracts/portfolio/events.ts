import * as z from 'zod';
import { decimal } from '../kit/decimal.ts';
import { event } from '../kit/event.ts';
import { positiveLots, price, signedLots } from '../kit/quantity.ts';
import { book, decisionPoint, instant, instrumentId, purpose, side } from '../kit/trading-terms.ts';

const positionOf = { positionId: z.uuid(), instrument: instrumentId, book, purpose };

export const positionOpened = event({
  type: 'portfolio.position.opened',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'A position came into being from flat',
  data: z.object({ ...positionOf, quantity: signedLots, averagePrice: price, openedAt: decisionPoint }),
});

export const positionClosed = event({
  type: 'portfolio.position.closed',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'A position is flat again',
  data: z.object({
    ...positionOf,
    realizedPnl: decimal,
    fees: decimal,
    currency: z.string(),
    openedAt: decisionPoint,
    closedAt: decisionPoint,
  }),
});

export const tradeClosed = event({
  type: 'trade.closed',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'One matched pair of opening and closing quantity, first in first out',
  data: z.object({
    ...positionOf,
    tradeId: z.uuid(),
    side,
    quantity: positiveLots,
    entryPrice: price,
    exitPrice: price,
    realizedPnl: decimal,
    currency: z.string(),
    exitReason: z.enum(['signal', 'stop-loss', 'trailing-stop', 'take-profit']),
    closedAt: decisionPoint,
  }),
});

export const markRequested = event({
  type: 'portfolio.mark.requested',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: "A closed bar is to be marked on one tenant's positions",
  data: z.object({ instrument: instrumentId, high: price, low: price, close: price, markedAt: decisionPoint }),
});

export const exitRequested = event({
  type: 'portfolio.exit.requested',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: "A position's protection asks for it to be closed",
  data: z.object({
    ...positionOf,
    exitId: z.uuid(),
    side,
    quantity: positiveLots,
    reason: z.enum(['stop-loss', 'trailing-stop', 'take-profit']),
    triggerPrice: price,
    volatility: z.number().min(0),
    decidedAt: decisionPoint,
  }),
});

export const stopAdjusted = event({
  type: 'portfolio.sl.adjusted',
  version: 1,
  scope: 'tenant',
  orderBy: 'instrument',
  summary: 'A trailing stop has moved with the price',
  data: z.object({ ...positionOf, from: price, to: price, adjustedAt: decisionPoint }),
});

export const drawdownHigh = event({
  type: 'portfolio.drawdown.high',
  version: 1,
  scope: 'tenant',
  orderBy: 'account',
  summary: "Equity has fallen further below its peak than the tenant's policy allows",
  data: z.object({
    account: z.literal('account'),
    equity: decimal,
    peakEquity: decimal,
    /** Share of the peak lost, 0 to 1 (above 1 once equity is negative). */
    drawdown: z.number().min(0),
    currency: z.string(),
    observedAt: decisionPoint,
    at: instant,
  }),
});

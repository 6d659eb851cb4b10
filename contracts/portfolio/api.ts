import * as z from 'zod';
import { decimal } from '../kit/decimal.ts';
import { operation } from '../kit/operation.ts';
import { price, signedLots } from '../kit/quantity.ts';
import { book, decisionPoint, instrumentId, purpose } from '../kit/trading-terms.ts';

const position = z.object({
  positionId: z.uuid(),
  instrument: instrumentId,
  book,
  purpose,
  /** Above zero is long, below is short; zero once closed. */
  quantity: signedLots,
  /** Of the lots that are open; absent once closed. */
  averagePrice: price.optional(),
  /** Currency units a move of 1.0 in price is worth for one lot. */
  multiplier: decimal,
  currency: z.string(),
  realizedPnl: decimal,
  unrealizedPnl: decimal,
  fees: decimal,
  /** The close of the last bar it was marked on. */
  mark: price.optional(),
  /** Where its protection asks for an exit; absent for a hedge. */
  stop: price.optional(),
  exitPending: z.boolean(),
  openedAt: decisionPoint,
  closedAt: decisionPoint.optional(),
});

export const listPositions = operation({
  method: 'GET',
  path: '/v1/positions',
  summary: 'Positions by book, purpose and instrument, the latest opened first',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
    instrument: instrumentId.optional(),
    book: book.optional(),
    state: z.enum(['open', 'closed']).default('open'),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    /** `next` of the page before. */
    after: z.string().max(200).optional(),
  }),
  output: z.object({
    positions: z.array(position),
    /** Absent on the last page. */
    next: z.string().optional(),
  }),
  problems: ['invalid-request'],
  quotaPerMinute: 60_000,
});

export const getPosition = operation({
  method: 'GET',
  path: '/v1/positions/{id}',
  summary: 'One position with its open lots, oldest first',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: position.extend({ lots: z.array(z.object({ quantity: decimal, price })) }),
  problems: ['not-found'],
  quotaPerMinute: 6_000,
});

export const getPerformance = operation({
  method: 'GET',
  path: '/v1/portfolio/performance',
  summary: 'Profit and loss, equity and drawdown, by currency',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({
    accounts: z.array(
      z.object({
        currency: z.string(),
        startingEquity: decimal,
        realizedPnl: decimal,
        unrealizedPnl: decimal,
        fees: decimal,
        /** Starting equity + realised + unrealised - fees. */
        equity: decimal,
        peakEquity: decimal,
        /** Share of the peak lost, 0 to 1 (above 1 once equity is negative). */
        drawdown: z.number().min(0),
      }),
    ),
  }),
  quotaPerMinute: 6_000,
});

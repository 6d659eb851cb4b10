import { toNumber } from '#contracts/kit/decimal.ts';
import type { DecisionPoint } from '#contracts/kit/trading-terms.ts';
import {
  drawdownHigh,
  exitRequested,
  positionClosed,
  positionOpened,
  stopAdjusted,
  tradeClosed,
} from '#contracts/portfolio/events.ts';
import type { Publish } from '#core/function.ts';
import type { Assessment } from '../domain/drawdown.ts';
import type { ExitRequest, StopMove } from '../domain/holding.ts';
import { type Booking, type Position, signedQuantity, type Trade } from '../domain/position.ts';

/** What a mark may publish. */
export const markEvents = [stopAdjusted, exitRequested, drawdownHigh] as const;
/** What a fill may publish; it marks its bar first. */
export const fillEvents = [...markEvents, positionOpened, positionClosed, tradeClosed] as const;

export type PublishMarkEvent = Publish<{ emits: typeof markEvents }>;
type PublishFillEvent = Publish<{ emits: typeof fillEvents }>;

export function announceStopMove(publish: PublishMarkEvent, { position, from, to }: StopMove, at: DecisionPoint): void {
  publish(stopAdjusted, { ...identityOf(position), from, to, adjustedAt: at });
}

export function announceExit(publish: PublishMarkEvent, exit: ExitRequest, at: DecisionPoint): void {
  const { position, exitId, side, quantity, reason, triggerPrice } = exit;
  const { volatility } = position;
  publish(exitRequested, {
    ...identityOf(position),
    exitId,
    side,
    quantity,
    reason,
    triggerPrice,
    volatility,
    decidedAt: at,
  });
}

export function announceDrawdown(
  publish: PublishMarkEvent,
  { equity, peakEquity, drawdown }: Assessment,
  currency: string,
  observedAt: DecisionPoint,
): void {
  publish(drawdownHigh, {
    account: 'account',
    equity,
    peakEquity,
    drawdown: toNumber(drawdown),
    currency,
    observedAt,
    at: observedAt.observedAt,
  });
}

/** Trades first, then the position that they closed, then the one that opened. `tradeIdOf` numbers a fill's trades from 0. */
export function announceBooking(
  publish: PublishFillEvent,
  { trades, closed, open, isNew }: Booking,
  filledAt: DecisionPoint,
  tradeIdOf: (ordinal: number) => string,
): void {
  const traded = closed ?? open;
  if (traded !== undefined) {
    for (const [ordinal, trade] of trades.entries())
      announceTrade(publish, traded, trade, filledAt, tradeIdOf(ordinal));
  }
  if (closed !== undefined) {
    const { realized: realizedPnl, fees, currency, openedAt } = closed;
    publish(positionClosed, { ...identityOf(closed), realizedPnl, fees, currency, openedAt, closedAt: filledAt });
  }
  if (open !== undefined && isNew) {
    const [lot] = open.lots;
    if (lot === undefined) throw new RangeError('a position opens with a lot');
    const quantity = signedQuantity(open);
    publish(positionOpened, { ...identityOf(open), quantity, averagePrice: lot.price, openedAt: filledAt });
  }
}

function announceTrade(
  publish: PublishFillEvent,
  position: Position,
  { side, quantity, entryPrice, exitPrice, realized, reason }: Trade,
  closedAt: DecisionPoint,
  tradeId: string,
): void {
  publish(tradeClosed, {
    ...identityOf(position),
    tradeId,
    side,
    quantity,
    entryPrice,
    exitPrice,
    realizedPnl: realized,
    currency: position.currency,
    exitReason: reason,
    closedAt,
  });
}

function identityOf({ positionId, instrument, book, purpose }: Position) {
  return { positionId, instrument, book, purpose };
}

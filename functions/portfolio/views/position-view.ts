import { canonical } from '#contracts/kit/decimal.ts';
import { averagePrice, type Position, signedQuantity, unrealizedAt } from '../domain/position.ts';
import type { MarkedPosition, PageMark } from '../store/position-pages.ts';

/** A position as it is answered over HTTP. */
export function positionView({ position, mark }: MarkedPosition) {
  const { positionId, instrument, book, purpose, currency, openedAt, closedAt, protection } = position;
  const average = averagePrice(position.lots);
  return {
    positionId,
    instrument,
    book,
    purpose,
    quantity: signedQuantity(position),
    ...(average === undefined ? {} : { averagePrice: average }),
    multiplier: canonical(position.multiplier),
    currency,
    realizedPnl: canonical(position.realized),
    unrealizedPnl: mark === undefined ? '0' : unrealizedAt(position, mark),
    fees: canonical(position.fees),
    ...(mark === undefined ? {} : { mark: canonical(mark) }),
    ...(protection === undefined ? {} : { stop: canonical(protection.stop) }),
    exitPending: position.exit?.pending ?? false,
    openedAt,
    ...(closedAt === undefined ? {} : { closedAt }),
  };
}

/** A page mark as opaque text. */
export function writeMark({ openedAt, positionId }: Position): string {
  return Buffer.from(JSON.stringify([openedAt.observedAt, positionId])).toString('base64url');
}

/** Undefined where the text was not written by `writeMark`. */
export function readMark(text: string): PageMark | undefined {
  const [, openedAt, positionId] =
    /^\["([^"]+)","([0-9a-f-]{36})"\]$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  if (openedAt === undefined || positionId === undefined) return undefined;
  const at = new Date(openedAt);
  return Number.isNaN(at.getTime()) ? undefined : { openedAt: at, positionId };
}

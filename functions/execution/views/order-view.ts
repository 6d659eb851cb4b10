import { canonical } from '#contracts/kit/decimal.ts';
import { filledOf, withdrawnOf } from '../domain/order.ts';
import type { PageMark } from '../store/order-pages.ts';
import type { StoredOrder } from '../store/order-row.ts';

/** An order as it is answered over HTTP. */
export function orderView(order: StoredOrder) {
  const { orderId, approvalId, positionId, venue, instrument, book, purpose, side, orderType, decidedAt } = order;
  const { quantity, limitPrice, state } = order;
  return {
    orderId,
    ...(approvalId === undefined ? {} : { approvalId }),
    ...(positionId === undefined ? {} : { positionId }),
    venue,
    instrument,
    book,
    purpose,
    side,
    orderType,
    quantity: canonical(quantity),
    ...(limitPrice === undefined ? {} : { limitPrice: canonical(limitPrice) }),
    status: state.status,
    filled: canonical(filledOf(order)),
    withdrawn: canonical(withdrawnOf(order)),
    ...(state.status === 'FAILED' ? { failure: { reason: state.reason, detail: state.detail } } : {}),
    decidedAt,
  };
}

/** A page mark as opaque text. */
export function writeMark({ decidedAt, orderId }: StoredOrder): string {
  return Buffer.from(JSON.stringify([decidedAt.observedAt, orderId])).toString('base64url');
}

/** Undefined where the text was not written by `writeMark`. */
export function readMark(text: string): PageMark | undefined {
  const [, decidedAt, orderId] =
    /^\["([^"]+)","([0-9a-f-]{36})"\]$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  if (decidedAt === undefined || orderId === undefined) return undefined;
  const at = new Date(decidedAt);
  return Number.isNaN(at.getTime()) ? undefined : { decidedAt: at, orderId };
}

import { orderFailed } from '#contracts/execution/events.ts';
import type { EventData } from '#contracts/kit/event.ts';
import { signalApproved } from '#contracts/risk/events.ts';
import { idOf } from '#core/determinism.ts';
import { eventFunction } from '#core/function.ts';
import { TransientFailure } from '#core/problem.ts';
import { firstState, type OrderTerms, refuseApproved } from './domain/intent.ts';
import { submissionOf, submitOrder } from './effects/submit-order.ts';
import { announceRefusal } from './publishing/order-events.ts';
import { shareHalt } from './store/halts.ts';
import { findInstrument } from './store/instruments.ts';
import { insertOrder } from './store/orders.ts';
import { hasExitAt, lockPlace } from './store/rivals.ts';

export default eventFunction(
  signalApproved,
  { emits: [orderFailed], effects: [submitOrder], onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 10 },
  async (approval, { tx, tenant, publish, intend }) => {
    const terms = termsOf(approval);
    const [, halt, instrument, exitComesFirst] = await Promise.all([
      lockPlace(tx, terms),
      shareHalt(tx),
      findInstrument(tx, terms.instrument),
      hasExitAt(tx, terms, terms.decidedAt.sequence),
    ]);
    if (instrument === undefined) throw new TransientFailure(`${terms.instrument} is not listed here yet`);

    const { venue, currency, multiplier } = instrument;
    const state = firstState(refuseApproved(terms, instrument, halt));
    // An exit decided on the same bar takes its place. It is sent and then cancelled all the same, as it is where the exit comes
    // second: both ways leave the same orders behind.
    const cancelCause = exitComesFirst ? ('superseded' as const) : undefined;
    const order = { ...terms, venue, currency, multiplier, state, cancelCause };
    if (!(await insertOrder(tx, order))) return;
    if (state.status === 'FAILED') announceRefusal(publish, order, state);
    else intend(submitOrder, order.orderId, submissionOf(order, tenant));
  },
);

function termsOf(approval: EventData<typeof signalApproved>): OrderTerms {
  const { approvalId, instrument, book, purpose, side, orderType, quantity, limitPrice, volatility } = approval;
  return {
    orderId: idOf('order', approvalId),
    approvalId,
    instrument,
    book,
    purpose,
    side,
    orderType,
    // An opinion is worth its session: what has not traded by its end is decided anew.
    timeInForce: 'DAY',
    quantity,
    limitPrice,
    volatility,
    haltEpoch: approval.haltEpoch,
    decidedAt: approval.decidedAt,
  };
}

import { orderFailed } from '#contracts/execution/events.ts';
import type { EventData } from '#contracts/kit/event.ts';
import { exitRequested } from '#contracts/portfolio/events.ts';
import { idOf } from '#core/determinism.ts';
import { eventFunction } from '#core/function.ts';
import { TransientFailure } from '#core/problem.ts';
import { firstState, type OrderTerms, sizeExit } from './domain/intent.ts';
import { isWorking } from './domain/order.ts';
import { cancellationOf, cancelOrder } from './effects/cancel-order.ts';
import { submissionOf, submitOrder } from './effects/submit-order.ts';
import { announceRefusal } from './publishing/order-events.ts';
import { shareHalt } from './store/halts.ts';
import { findInstrument } from './store/instruments.ts';
import { insertOrder, markCancelling } from './store/orders.ts';
import { lockPlace, lockSignalOrdersAt, openLotsBefore } from './store/rivals.ts';

export default eventFunction(
  exitRequested,
  {
    emits: [orderFailed],
    effects: [submitOrder, cancelOrder],
    onPoison: 'skip',
    cpu: 1,
    concurrency: 40,
    maxInstances: 10,
  },
  async (exit, { tx, tenant, publish, intend }) => {
    const terms = termsOf(exit);
    const [, halt, instrument, openLots] = await Promise.all([
      lockPlace(tx, terms),
      shareHalt(tx),
      findInstrument(tx, terms.instrument),
      openLotsBefore(tx, terms, terms.decidedAt.sequence),
    ]);
    if (instrument === undefined) throw new TransientFailure(`${terms.instrument} is not listed here yet`);

    const { venue, currency, multiplier } = instrument;
    const { quantity, refusal } = sizeExit(terms, instrument, halt, openLots);
    const state = firstState(refusal);
    const haltEpoch = halt.epoch;
    const order = { ...terms, quantity, haltEpoch, venue, currency, multiplier, state, cancelCause: undefined };
    if (!(await insertOrder(tx, order))) return;
    if (state.status === 'FAILED') {
      announceRefusal(publish, order, state);
      return;
    }

    intend(submitOrder, order.orderId, submissionOf(order, tenant));
    const rivals = await lockSignalOrdersAt(tx, terms, terms.decidedAt.sequence);
    const undecided = rivals.filter((rival) => rival.cancelCause === undefined);
    await markCancelling(tx, undecided, 'superseded');
    // What is still on its way to the venue is cancelled when it has arrived.
    for (const rival of undecided.filter(isWorking)) {
      intend(cancelOrder, rival.orderId, cancellationOf(rival, tenant, 'superseded'));
    }
  },
);

function termsOf(exit: EventData<typeof exitRequested>): OrderTerms {
  const { exitId, positionId, instrument, book, purpose, side, quantity, volatility, decidedAt } = exit;
  return {
    orderId: idOf('order', exitId),
    exitId,
    positionId,
    instrument,
    book,
    purpose,
    side,
    orderType: 'MARKET',
    // A position that is to be closed stays to be closed when the session ends.
    timeInForce: 'GTC',
    quantity,
    volatility,
    haltEpoch: 0,
    decidedAt,
  };
}

import { venueReported } from '#contracts/execution/events.ts';
import type { EventData } from '#contracts/kit/event.ts';
import { eventFunction } from '#core/function.ts';
import { PermanentFailure } from '#core/problem.ts';
import { advance, ImpossibleReport, type Report, type Step } from './domain/order.ts';
import { announce, announceFill, orderEvents } from './publishing/order-events.ts';
import type { StoredOrder } from './store/order-row.ts';
import { keepProgress, lockOrdersInReport, type StoredFill } from './store/orders.ts';

type VenueReport = EventData<typeof venueReported>;

/** Takes what one bar did to a tenant's orders into them: executions first, in the venue's order, each once; then what expired. */
export default eventFunction(
  venueReported,
  { emits: [...orderEvents], onPoison: 'park-key', cpu: 1, concurrency: 40, maxInstances: 10 },
  async (report, { tx, publish }) => {
    const { filledAt, bar, expired } = report;
    const { orders, bookedFills } = await lockOrdersInReport(tx, orderIdsOf(report), executionIdsOf(report));
    const executions = report.executions.filter(({ executionId }) => !bookedFills.has(executionId));

    for (const execution of executions) {
      const steps = take(orders, execution.clientOrderId, { kind: 'executed', quantity: execution.quantity });
      for (const step of steps) announceFill(publish, step, { execution, filledAt, bar });
    }
    for (const { clientOrderId } of expired) {
      for (const step of take(orders, clientOrderId, { kind: 'expired' })) announce(publish, step, filledAt);
    }
    await keepProgress(tx, [...orders.values()], toFills(executions, filledAt), filledAt.sequence);
  },
);

/** Moves an order on by a report, in the map, and returns the steps it took. */
function take(orders: Map<string, StoredOrder>, orderId: string, report: Report): Step<StoredOrder>[] {
  const order = orders.get(orderId);
  if (order === undefined) throw new PermanentFailure(`the venue reports order ${orderId}, which is not known here`);
  try {
    const advanced = advance(order, report);
    orders.set(orderId, advanced.order);
    return advanced.steps;
  } catch (error) {
    if (error instanceof ImpossibleReport) throw new PermanentFailure(`${orderId}: ${error.message}`, { cause: error });
    throw error;
  }
}

function orderIdsOf({ executions, expired }: VenueReport): string[] {
  return [...new Set([...executions, ...expired].map(({ clientOrderId }) => clientOrderId))];
}

function executionIdsOf({ executions }: VenueReport): string[] {
  return executions.map(({ executionId }) => executionId);
}

function toFills(executions: VenueReport['executions'], filledAt: VenueReport['filledAt']): StoredFill[] {
  return executions.map(({ executionId, clientOrderId, quantity, price, fee, currency }) => ({
    fillId: executionId,
    orderId: clientOrderId,
    quantity,
    price,
    fee,
    currency,
    filledSequence: filledAt.sequence,
    filledAt: filledAt.observedAt,
  }));
}

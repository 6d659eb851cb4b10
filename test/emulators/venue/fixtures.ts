import { Exchange } from '../../../emulators/venue/exchange.ts';
import type { InstrumentTerms } from '../../../emulators/venue/instrument.ts';
import type { Bar } from '../../../emulators/venue/matching.ts';
import type { Execution, Order, OrderTerms } from '../../../emulators/venue/order.ts';

const DAY_MS = 86_400_000;

/** Crude oil: ticks of a cent, one tick of spread, five levels of ten lots. */
export function crude(changes: Partial<InstrumentTerms> = {}): InstrumentTerms {
  return {
    tickSize: '0.01',
    lotSize: '1',
    multiplier: '1000',
    currency: 'USD',
    fees: { perLot: '1.25' },
    spreadTicks: 1,
    depthLots: '10',
    levels: 5,
    latencyBars: 0,
    sessionGapTicks: 0,
    ...changes,
  };
}

/** Midnight of the n-th day of 2020. */
export function day(n: number): string {
  return new Date(Date.UTC(2020, 0, 1) + n * DAY_MS).toISOString();
}

/** A market order of one lot, decided on bar 0. */
export function orderTerms(changes: Partial<OrderTerms> = {}): OrderTerms {
  return {
    clientOrderId: 'one',
    account: 'alpha',
    instrument: 'CL',
    side: 'BUY',
    type: 'MARKET',
    quantity: '1',
    timeInForce: 'GTC',
    decidedAtSequence: 0,
    decidedAt: day(0),
    ...changes,
  };
}

/** A daily bar from `open high low close`; one price stands for all four. */
export function bar(sequence: number, prices: string, changes: Partial<Bar> = {}): Bar {
  const [open = '', high = open, low = open, close = open] = prices.split(' ');
  return { sequence, openedAt: day(sequence), closedAt: day(sequence), open, high, low, close, ...changes };
}

/** An exchange in memory that decides and applies at once. */
export function tradingFloor(terms: InstrumentTerms = crude(), exchange = new Exchange(100)) {
  const termsRecord = exchange.decideTerms('CL', terms);
  if (termsRecord !== undefined) exchange.apply(termsRecord);

  const place = (changes: Partial<OrderTerms>): Order => {
    const placed = orderTerms(changes);
    const placement = exchange.decideOrder(placed);
    if (placement.kind === 'new') exchange.apply(placement.record);
    const order = exchange.orders.get(`${placed.account}\n${placed.clientOrderId}`);
    if (order === undefined) throw new Error('the order was not taken in');
    return order;
  };
  const trade = (next: Bar) => {
    const record = exchange.decideBar('CL', terms, next);
    exchange.apply(record);
    return record;
  };
  return { exchange, place, trade };
}

/** Executions as `side quantity @ price`, with the ids of their orders. */
export function tape(executions: Execution[]): string[] {
  return executions.map(
    ({ clientOrderId, side, quantity, price }) => `${clientOrderId}: ${side} ${quantity} @ ${price}`,
  );
}

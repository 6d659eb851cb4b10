import test from 'ava';
import fc from 'fast-check';
import { add, compare, isMultipleOf, multiply, sum } from '#contracts/kit/decimal.ts';
import { byPriority } from '../../../emulators/venue/auction.ts';
import { Exchange } from '../../../emulators/venue/exchange.ts';
import type { Bar } from '../../../emulators/venue/matching.ts';
import type { Execution, Order, OrderTerms } from '../../../emulators/venue/order.ts';
import type { VenueRecord } from '../../../emulators/venue/records.ts';
import { crude, orderTerms, tradingFloor } from './fixtures.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2020, 3, 19, 22);

/** Ticks as a price: around zero, so that prices turn negative too. */
const price = (ticks: number) => multiply(String(ticks), '0.01');
const minute = (n: number) => new Date(START_MS + n * MINUTE_MS).toISOString();

const anyTerms = fc
  .record({
    spreadTicks: fc.nat(2),
    depthLots: fc.nat(6).map(String),
    levels: fc.nat(3),
    latencyBars: fc.nat(2),
    sessionGapTicks: fc.nat(2),
  })
  .map(crude);

/** Bars of a random walk in ticks, thirty minutes each, with gaps in price and in sequence, over several dates. */
const anyBars = fc
  .array(
    fc.record({
      jump: fc.integer({ min: -4, max: 4 }),
      up: fc.nat(3),
      down: fc.nat(3),
      close: fc.nat(6),
      step: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((moves) => {
    const bars: Bar[] = [];
    let last = 0;
    let sequence = 0;
    for (const { jump, up, down, close, step } of moves) {
      const open = last + jump;
      last = Math.max(open - down, Math.min(open + up, open - down + close));
      sequence += step;
      bars.push({
        sequence,
        openedAt: minute(30 * sequence),
        closedAt: minute(30 * sequence + 29),
        open: price(open),
        high: price(open + up),
        low: price(open - down),
        close: price(last),
      });
    }
    return bars;
  });

const anyOrder = fc
  .record({
    account: fc.constantFrom('alpha', 'beta'),
    side: fc.constantFrom('BUY', 'SELL'),
    type: fc.constantFrom('LIMIT', 'LIMIT', 'MARKET', 'STOP'),
    quantity: fc.integer({ min: 1, max: 12 }).map(String),
    ticks: fc.integer({ min: -6, max: 6 }),
    timeInForce: fc.constantFrom('GTC', 'DAY', 'IOC'),
    decidedAtSequence: fc.nat(20),
    decidedAt: fc.nat(3).map(minute),
  })
  .map(({ ticks, ...order }) => ({
    ...order,
    timeInForce: order.type === 'STOP' && order.timeInForce === 'IOC' ? ('GTC' as const) : order.timeInForce,
    ...(order.type === 'LIMIT' ? { limitPrice: price(ticks) } : {}),
    ...(order.type === 'STOP' ? { stopPrice: price(ticks) } : {}),
  }));

const anyOrders = fc
  .array(anyOrder, { maxLength: 20 })
  .map((orders) => orders.map((order, n) => orderTerms({ ...order, clientOrderId: `order-${n}` } as OrderTerms)));

/** Runs bars, letting in before each what `arrivals` says. */
function run(terms: ReturnType<typeof crude>, bars: Bar[], arrivals: (bar: Bar) => OrderTerms[]) {
  const exchange = new Exchange(5);
  const records: VenueRecord[] = [];
  const commit = (record: VenueRecord | undefined) => {
    if (record === undefined) return;
    records.push(record);
    exchange.apply(record);
  };
  commit(exchange.decideTerms('CL', terms));
  for (const bar of bars) {
    for (const order of arrivals(bar)) {
      const placement = exchange.decideOrder(order);
      if (placement.kind === 'new') commit(placement.record);
    }
    commit(exchange.decideBar('CL', terms, bar));
  }
  return { exchange, records };
}

/** Each order just before the first bar that it may trade on. */
function inTime(orders: OrderTerms[], bars: Bar[]) {
  return (bar: Bar) => {
    const previous = bars[bars.indexOf(bar) - 1]?.sequence ?? -1;
    return orders.filter(({ decidedAtSequence: at }) => at < bar.sequence && at >= previous);
  };
}

function lotsOf(executions: Execution[]): string {
  return sum(executions.map(({ quantity }) => quantity));
}

test('an order fills no more than its quantity, within its limit, on the tick, after its decision, and not once it has ended', (t) => {
  fc.assert(
    fc.property(anyTerms, anyBars, anyOrders, (terms, bars, orders) => {
      const { exchange, records } = run(terms, bars, inTime(orders, bars));
      for (const order of exchange.orders.values()) {
        const { limitPrice, quantity, side, decidedAtSequence } = order.terms;
        t.is(lotsOf(order.executions), order.filled);
        t.is(order.status === 'FILLED', order.filled === quantity);
        t.true(compare(order.filled, quantity) <= 0);
        for (const execution of order.executions) {
          t.true(execution.barSequence > decidedAtSequence);
          t.true(isMultipleOf(execution.price, terms.tickSize));
          t.is(execution.fee, multiply(terms.fees.perLot, execution.quantity));
          if (limitPrice === undefined) continue;
          t.true(compare(execution.price, limitPrice) * (side === 'BUY' ? 1 : -1) <= 0);
        }
      }
      const ended = new Set<string>();
      for (const record of records) {
        if (record.t !== 'bar') continue;
        t.false(record.executions.some(({ clientOrderId }) => ended.has(clientOrderId)));
        for (const { clientOrderId } of record.expired) ended.add(clientOrderId);
      }
    }),
  );
});

test('what one client buys another sells, when the market offers nothing', (t) => {
  fc.assert(
    fc.property(anyOrders, (orders) => {
      const { place, trade } = tradingFloor(crude({ depthLots: '0' }));
      for (const order of orders) place({ ...order, type: 'MARKET', limitPrice: undefined, stopPrice: undefined });
      const { executions } = trade(flatBar(21, '1'));
      const bought = executions.filter(({ side }) => side === 'BUY');
      const sold = executions.filter(({ side }) => side === 'SELL');
      t.is(lotsOf(bought), lotsOf(sold));
    }),
  );
});

test('takers of a level get no more than its depth', (t) => {
  fc.assert(
    fc.property(anyTerms, anyBars, anyOrders, (terms, bars, orders) => {
      const oneSide = orders.map((order) => ({ ...order, side: 'BUY' as const }));
      const { records } = run(terms, bars, inTime(oneSide, bars));
      for (const record of records) {
        if (record.t !== 'bar') continue;
        const taken = new Map<string, string>();
        for (const { price: at, quantity, liquidity } of record.executions) {
          if (liquidity === 'TAKER') taken.set(at, add(taken.get(at) ?? '0', quantity));
        }
        for (const lots of taken.values()) t.true(compare(lots, terms.depthLots) <= 0);
      }
    }),
  );
});

test('at an open nobody trades while an order before it, by price and then by time, has something left', (t) => {
  fc.assert(
    fc.property(anyTerms, anyOrders, (terms, orders) => {
      const { exchange, place, trade } = tradingFloor({ ...terms, latencyBars: 0 });
      for (const order of orders) {
        if (order.type !== 'STOP') place(order);
      }
      const next = flatBar(21, '0.01');
      const atOpen = trade(next).executions.filter(({ at }) => at === next.openedAt);
      const filledAtOpen = (order: Order) =>
        lotsOf(atOpen.filter(({ clientOrderId }) => clientOrderId === order.terms.clientOrderId));
      for (const side of ['BUY', 'SELL'] as const) {
        const queue = [...exchange.orders.values()]
          .filter((order) => order.terms.side === side)
          .map((order) => ({ order, limit: order.terms.limitPrice, remaining: '0' }))
          .sort(byPriority)
          .map(({ order }) => order);
        const firstNotFilled = queue.findIndex((order) => filledAtOpen(order) !== order.terms.quantity);
        const after = firstNotFilled < 0 ? [] : queue.slice(firstNotFilled + 1);
        t.deepEqual(
          after.filter((order) => filledAtOpen(order) !== '0').map(({ terms: { clientOrderId } }) => clientOrderId),
          [],
        );
      }
    }),
  );
});

test('in whatever order, and however early, orders arrive, the fills are the same', (t) => {
  const scenario = anyOrders.chain((orders) =>
    fc.tuple(fc.constant(orders), fc.shuffledSubarray(orders, { minLength: orders.length })),
  );
  fc.assert(
    fc.property(anyTerms, anyBars, scenario, (terms, bars, [orders, shuffled]) => {
      const justInTime = run(terms, bars, inTime(orders, bars));
      const allAtOnce = run(terms, bars, (bar) => (bar === bars[0] ? shuffled : []));
      t.deepEqual(allAtOnce.exchange.executions, justInTime.exchange.executions);
    }),
  );
});

test('the records, and a snapshot, give an equal exchange that goes on equally', (t) => {
  fc.assert(
    fc.property(anyTerms, anyBars, anyOrders, (terms, bars, orders) => {
      const { exchange, records } = run(terms, bars, inTime(orders, bars));
      const replayed = restore(records);
      const restored = restore(replayed.snapshot());
      t.deepEqual([...replayed.snapshot()], [...exchange.snapshot()]);
      t.deepEqual(asJson(restored.snapshot()), asJson(exchange.snapshot()));
      const next = flatBar(100, '0.02');
      const outcome = exchange.decideBar('CL', terms, next);
      t.deepEqual(restored.decideBar('CL', terms, next), outcome);
    }),
  );
});

function restore(records: Iterable<VenueRecord>): Exchange {
  const exchange = new Exchange(5);
  for (const record of structuredClone([...records])) exchange.apply(record);
  return exchange;
}

function asJson(records: Iterable<VenueRecord>): unknown {
  return JSON.parse(JSON.stringify([...records]));
}

function flatBar(sequence: number, at: string): Bar {
  const prices = { open: at, high: at, low: at, close: at };
  return { sequence, openedAt: minute(30 * sequence), closedAt: minute(30 * sequence + 29), ...prices };
}

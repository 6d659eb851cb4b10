import anyTest, { type TestFn } from 'ava';
import { listOrders } from '#contracts/execution/api.ts';
import {
  cancelRequested,
  orderCancelled,
  orderFailed,
  orderFilled,
  venueReported,
} from '#contracts/execution/events.ts';
import type { Event } from '#contracts/kit/event.ts';
import { barClosed } from '#contracts/market/events.ts';
import { getPerformance, listPositions } from '#contracts/portfolio/api.ts';
import { exitRequested, markRequested, positionClosed } from '#contracts/portfolio/events.ts';
import { closePools } from '#core/database.ts';
import { randomSource } from '#core/determinism.ts';
import type { Published } from '../support/captured-events.ts';
import type { Harness } from '../support/harness.ts';
import { dailyBar, pointAt } from '../support/market-data.ts';
import { approvalOf, approve, listOn, type Setting, startSetting, stopSetting } from './setup.ts';

const test = anyTest as TestFn<Setting>;

const BARS = 20;

/** Who consumes what, in these two contexts. */
const CONSUMERS: [Event, string][] = [
  [venueReported, 'execution-on-venue-reported'],
  [cancelRequested, 'execution-on-cancel-requested'],
  [orderFilled, 'portfolio-on-order-filled'],
  [orderFailed, 'portfolio-on-order-failed'],
  [orderCancelled, 'portfolio-on-order-cancelled'],
  [markRequested, 'portfolio-on-mark-requested'],
  [exitRequested, 'execution-on-exit-requested'],
  [positionClosed, 'execution-on-position-closed'],
];

type Delivery = () => Promise<unknown>;
/** Takes waiting deliveries by lane: within a lane they keep their order, as one key of one subscription does. */
type Schedule = (lanes: Map<string, Delivery[]>) => Promise<void>;

const inOrder: Schedule = async (lanes) => {
  for (const lane of lanes.values()) for (const deliver of lane) await deliver();
};

function disturbed(seed: string): Schedule {
  const random = randomSource(seed, 'replay');
  return async (lanes) => {
    const waiting = [...lanes.values()].map((lane) => [...lane]);
    while (waiting.some((lane) => lane.length > 0)) {
      const filled = waiting.filter((lane) => lane.length > 0);
      const deliver = filled[Math.floor(random() * filled.length)]?.shift();
      for (let times = Math.floor(random() * 3); times >= 0; times--) await deliver?.();
    }
  };
}

/** Bars, approvals on them, and all that comes of them, each bar to its end before the next. Returns what is left behind. */
async function replay({ harness }: Setting, instrument: string, schedule: Schedule) {
  const tenant = crypto.randomUUID();
  const random = randomSource('crude', 'replay');
  let price = 20;
  for (let sequence = 1; sequence <= BARS; sequence++) {
    const open = price;
    price = Math.round((price + (random() - 0.5) * 5) * 100) / 100;
    const bar = barOf(instrument, sequence, open, price);
    const side = random() < 0.5 ? ('BUY' as const) : ('SELL' as const);
    const limitPrice = (price + (side === 'BUY' ? -0.8 : 0.8)).toFixed(2);
    const approval = approvalOf(sequence, {
      instrument,
      decidedAt: { ...pointAt(sequence), instrument },
      side,
      quantity: String(1 + Math.floor(random() * 4)),
      ...(random() < 0.3 ? { orderType: 'LIMIT', limitPrice } : {}),
    });
    const ids = { bar: crypto.randomUUID(), approval: crypto.randomUUID() };
    await schedule(
      new Map([
        ['execution', [() => harness.deliver('execution-on-bar-closed', barClosed, bar, { id: ids.bar })]],
        ['portfolio', [() => harness.deliver('portfolio-on-bar-closed', barClosed, bar, { id: ids.bar })]],
        ['signal', [() => approve(harness, approval, { tenant, id: ids.approval })]],
      ]),
    );
    for (let batch = await harness.published(); batch.length > 0; batch = await harness.published()) {
      await schedule(lanesOf(harness, batch));
    }
  }
  return stateOf(harness, tenant);
}

function barOf(instrument: string, sequence: number, open: number, close: number) {
  return dailyBar(sequence, close.toFixed(2), {
    instrument,
    open: open.toFixed(2),
    high: (Math.max(open, close) + 0.5).toFixed(2),
    low: (Math.min(open, close) - 0.5).toFixed(2),
  });
}

function lanesOf(harness: Harness, batch: Published[]): Map<string, Delivery[]> {
  const lanes = new Map<string, Delivery[]>();
  for (const event of batch) {
    for (const [contract, name] of CONSUMERS.filter(([{ type }]) => type === event.type)) {
      const lane = `${name} ${event.orderingKey}`;
      const { id, data, attributes, tenant = '' } = event;
      const deliver = () => harness.deliver(name, contract, data as never, { id, attributes, tenant });
      lanes.set(lane, [...(lanes.get(lane) ?? []), deliver]);
    }
  }
  return lanes;
}

/** Everything but ids, which come from approvals of the replay's own, and the instrument's name. */
async function stateOf(harness: Harness, tenant: string) {
  const as = { tenant };
  const [orders, open, closed, performance] = await Promise.all([
    harness.request(listOrders, { limit: 200 }, { as }),
    harness.request(listPositions, { limit: 200 }, { as }),
    harness.request(listPositions, { limit: 200, state: 'closed' }, { as }),
    harness.request(getPerformance, {}, { as }),
  ]);
  return {
    orders: orders.body.orders.map(anonymous).sort(),
    positions: [...open.body.positions, ...closed.body.positions].map(anonymous).sort(),
    performance: performance.body.accounts,
  };
}

function anonymous(row: Record<string, unknown>): string {
  return JSON.stringify(row, (key, value) => (/Id$|^instrument$/.test(key) ? typeof value : value));
}

test.before(async (t) => {
  t.context = await startSetting();
});
test.after.always(async (t) => {
  await stopSetting(t.context);
  await closePools();
});

test('bars replayed with everything delivered up to three times and out of order leave the same behind', async (t) => {
  const undisturbed = await replay(t.context, 'WTI', inOrder);
  const orders = undisturbed.orders.join();
  for (const kind of ['FILLED', 'EXPIRED', 'CANCELLED', 'superseded']) {
    t.true(orders.includes(kind), `a replay worth comparing has an order that is ${kind}`);
  }
  await listOn(t.context.harness, 'BRENT');
  t.deepEqual(await replay(t.context, 'BRENT', disturbed('one')), undisturbed);
});

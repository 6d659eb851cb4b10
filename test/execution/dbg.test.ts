import test from 'ava';
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
import { idOf, randomSource } from '#core/determinism.ts';
import type { Harness, Published } from '../support/harness.ts';
import { approvalOf, approve, pointAt, startSetting, stopSetting } from './setup.ts';

const BARS = 40;
const TENANT = '6f6e8f2c-6d0b-4a43-9a2c-3a9c1d3f7a01';

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
async function replay(schedule: Schedule) {
  const setting = await startSetting();
  const { harness } = setting;
  const random = randomSource('prices', 'replay');
  let price = 20;
  try {
    for (let sequence = 1; sequence <= BARS; sequence++) {
      const open = price;
      price = Math.round((price + (random() - 0.5) * 3) * 100) / 100;
      const high = Math.max(open, price) + 0.5;
      const low = Math.min(open, price) - 0.5;
      const side = random() < 0.5 ? ('BUY' as const) : ('SELL' as const);
      const quantity = String(1 + Math.floor(random() * 4));
      const orderType = random() < 0.3 ? ('LIMIT' as const) : ('MARKET' as const);
      const limit = orderType === 'LIMIT' ? { limitPrice: price.toFixed(2) } : {};
      const approval = approvalOf(sequence, {
        approvalId: idOf('approval', String(sequence)),
        side,
        quantity,
        orderType,
        ...limit,
      });
      const bar = barOf(sequence, open, high, low, price);
      const id = idOf('bar', String(sequence));
      await schedule(
        new Map([
          ['execution', [() => harness.deliver('execution-on-bar-closed', barClosed, bar, { id })]],
          ['portfolio', [() => harness.deliver('portfolio-on-bar-closed', barClosed, bar, { id })]],
          ['signal', [() => approve(harness, approval, { tenant: TENANT, id: idOf('approved', String(sequence)) })]],
        ]),
      );
      for (let batch = await harness.published(); batch.length > 0; batch = await harness.published()) {
        if (sequence > 36) console.error(sequence, batch.map((e) => e.type.slice(-14)).join(","));
        await schedule(lanesOf(harness, batch));
      }
    }
console.error("state"); const q = await stateOf(harness); console.error("stop"); return q;
  } finally {
    await stopSetting(setting);
    console.error("stopped"); await closePools(); console.error("closed");
  }
}

function barOf(sequence: number, open: number, high: number, low: number, close: number) {
  return {
    instrument: 'WTI',
    sequence,
    intervalSeconds: 86_400,
    openedAt: pointAt(sequence - 1).observedAt,
    closedAt: pointAt(sequence).observedAt,
    open: open.toFixed(2),
    high: high.toFixed(2),
    low: low.toFixed(2),
    close: close.toFixed(2),
    volume: '0',
    ticks: 1,
    priceSequence: sequence,
  };
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

async function stateOf(harness: Harness) {
  const as = { tenant: TENANT };
  const [orders, open, closed, performance] = await Promise.all([
    harness.request(listOrders, { limit: 200 }, { as }),
    harness.request(listPositions, { limit: 200 }, { as }),
    harness.request(listPositions, { limit: 200, state: 'closed' }, { as }),
    harness.request(getPerformance, {}, { as }),
  ]);
  return { orders: orders.body, open: open.body, closed: closed.body, performance: performance.body };
}

test.serial(
  'bars replayed with everything delivered up to three times and out of order leave the same orders, positions and result',
  async (t) => {
    t.timeout(110_000);
    const undisturbed = await replay(inOrder);
    const statuses = new Set(undisturbed.orders.orders.map(({ status }: { status: string }) => status));
    t.true(statuses.has('FILLED') && statuses.has('CANCELLED'), `a replay worth comparing: ${[...statuses]}`);
    t.deepEqual(await replay(disturbed('one')), undisturbed);
  },
);

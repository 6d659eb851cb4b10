import test from 'ava';
import { reconcile } from '../../emulators/demo/reconcile.ts';
import { readVenueBook } from '../../emulators/demo/venue-book.ts';
import { addsUp } from './support/compare.ts';
import { type Desk, openDesk } from './support/desk.ts';
import { type OwnCloud, startOwnCloud } from './support/own-cloud.ts';
import type { Market } from './support/prices.ts';
import { openStrategist, type Strategist } from './support/signals.ts';
import { until } from './support/until.ts';
import { type HeldOrder, startVenueProxy, type VenueProxy } from './support/venue-proxy.ts';

/** Orders of one instrument are sent one after the other: each boundary has an instrument of its own. */
const BOUNDARIES: readonly Market[] = ['CL', 'NG', 'HG', 'CT', 'SB'];

let proxy: VenueProxy;
let cloud: OwnCloud;
let desk: Desk;
let strategist: Strategist;

test.before(async () => {
  cloud = await startOwnCloud(async ({ ports }) => {
    proxy = await startVenueProxy(ports.venue);
    return { variables: { VENUE_URL: proxy.url } };
  });
  await cloud.quiet();
  desk = await openDesk(cloud);
  strategist = openStrategist(cloud);
  for (const instrument of BOUNDARIES) await strategist.closeBars(instrument, 10);
  await cloud.quiet();
});

test.after.always(async () => {
  await strategist.close();
  await cloud.close();
  await proxy.close();
});

test.serial('whatever an order had reached when its function was killed, it is at the exchange once', async (t) => {
  const holding = proxy.hold();
  for (const instrument of BOUNDARIES) await signal(instrument);
  await until('an order of each instrument on its way', () => holding.orders.length === BOUNDARIES.length);
  const heldOf = (instrument: Market) => orderOf(holding.orders, instrument);
  const [intended, late, sent, answered, settled] = [
    heldOf('CL'),
    heldOf('NG'),
    heldOf('HG'),
    heldOf('CT'),
    heldOf('SB'),
  ];

  // Pub/Sub holds its breath: what is committed from here on cannot be published before the kill.
  const pubsub = cloud.cloud.services.pubsub.pid() ?? 0;
  process.kill(pubsub, 'SIGSTOP');
  const unlock = await lockOrder(answered.clientOrderId);
  for (const order of [sent, answered, settled]) await order.forward();
  settled.answer();
  await until('an outcome committed', () => isSettled(settled.clientOrderId));
  answered.answer();
  await until('an outcome held up on its way into the database', () => isWaitingForLock());

  await cloud.kill('host');
  await unlock();
  holding.callOff();
  process.kill(pubsub, 'SIGCONT');
  // One request was still in the network when its sender died.
  await late.forward();
  await cloud.quiet();

  t.is(proxy.passed.get(intended.clientOrderId), 1, 'nothing had left: it is sent after the kill');
  for (const order of [sent, answered, settled])
    t.is(proxy.passed.get(order.clientOrderId), 1, 'the exchange is asked, not sent to again');
  const { orders } = await readVenueBook(cloud.ports.venue);
  t.deepEqual(
    orders.map(({ clientOrderId }) => clientOrderId).sort(),
    holding.orders.map(({ clientOrderId }) => clientOrderId).sort(),
  );
  await trade();
  addsUp(t, await reconcile(cloud.inspected));
});

for (const point of ['before-log', 'after-log-before-answer'])
  test.serial(`an exchange that dies ${point} has the order once`, async (t) => {
    const before = await readVenueBook(cloud.ports.venue);
    await cloud.cloud.services.venue.ask('fault', { point, count: 1 });
    await signal('CL', point);
    await until('the exchange dead and back', () => hasOrderIn(point));
    await cloud.quiet();
    const after = await readVenueBook(cloud.ports.venue);
    t.is(after.orders.length, before.orders.length + 1);
    await trade();
    addsUp(t, await reconcile(cloud.inspected));
  });

function signal(instrument: Market, book = 'energy-paper'): Promise<string> {
  return strategist.signal({ tenant: desk.tenant, instrument, book });
}

function orderOf(held: HeldOrder[], instrument: Market): HeldOrder {
  const found = held.find((order) => order.instrument === instrument);
  if (found === undefined) throw new Error(`no order of ${instrument} is held`);
  return found;
}

/** Holds an order's row, so that its outcome cannot be committed. */
async function lockOrder(orderId: string): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const done = cloud.sql.begin(async (tx) => {
    await tx`select 1 from execution.orders where order_id = ${orderId} for update`;
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  return async () => {
    release.resolve();
    await done;
  };
}

async function isSettled(clientId: string): Promise<boolean> {
  const rows = await cloud.sql`select 1 from execution.effects where client_id = ${clientId} and state = 'settled'`;
  return rows.length === 1;
}

async function isWaitingForLock(): Promise<boolean> {
  const rows = await cloud.sql`
    select 1 from pg_stat_activity where usename = 'execution' and wait_event_type = 'Lock' and wait_event = 'transactionid'`;
  return rows.length > 0;
}

async function hasOrderIn(book: string): Promise<boolean> {
  const rows = await cloud.sql`select 1 from execution.orders where book = ${book} and status <> 'INTENDED'`;
  return rows.length === 1;
}

/** The next bar fills what works. */
async function trade(): Promise<void> {
  for (const instrument of BOUNDARIES) await strategist.closeBars(instrument, 2);
  await cloud.quiet();
}

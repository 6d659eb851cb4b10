import { PubSub } from '@google-cloud/pubsub';
import test from 'ava';
import { signalGenerated } from '../../contracts/ai/events.ts';
import { changeLimits, emergencyStop, getLimits } from '../../contracts/risk/api.ts';
import { reconcile } from '../../emulators/demo/reconcile.ts';
import { readVenueBook } from '../../emulators/demo/venue-book.ts';
import { PROJECT } from './support/access.ts';
import { addsUp } from './support/compare.ts';
import { accepted, type Desk, openDesk } from './support/desk.ts';
import { type OwnCloud, startOwnCloud } from './support/own-cloud.ts';
import type { Market } from './support/prices.ts';
import { openStrategist, type SignalTerms, type Strategist } from './support/signals.ts';
import { until } from './support/until.ts';
import { startVenueProxy, type VenueProxy } from './support/venue-proxy.ts';

const MARKETS: readonly Market[] = ['CL', 'NG', 'HG', 'CT', 'SB'];

let proxy: VenueProxy;
let cloud: OwnCloud;
let strategist: Strategist;
let pubsub: PubSub;

test.before(async () => {
  cloud = await startOwnCloud(async ({ ports }) => {
    proxy = await startVenueProxy(ports.venue);
    return { variables: { VENUE_URL: proxy.url } };
  });
  await cloud.quiet();
  strategist = openStrategist(cloud);
  pubsub = new PubSub({ projectId: PROJECT, apiEndpoint: `127.0.0.1:${cloud.ports.pubsub}`, emulatorMode: true });
  for (const instrument of MARKETS) await strategist.closeBars(instrument, 10);
  await cloud.quiet();
});

test.after.always(async () => {
  await strategist.close();
  await pubsub.close();
  await cloud.close();
  await proxy.close();
});

/** Without an ordering key, nothing makes them wait for each other: they are decided at the same time. */
async function atOnce(terms: readonly SignalTerms[]): Promise<void> {
  const topic = pubsub.topic(signalGenerated.topic);
  await Promise.all(
    terms.map((each) => {
      const { data, attributes } = strategist.compose(each);
      return topic.publishMessage({ data: Buffer.from(JSON.stringify(data)), attributes });
    }),
  );
}

async function newDesk(name: string): Promise<Desk> {
  const desk = await openDesk(cloud, name);
  await cloud.quiet();
  return desk;
}

test.serial(
  'of 100 simultaneous signals against a limit for one, one is approved and one order is at the exchange',
  async (t) => {
    const { client, tenant } = await newDesk('One Lot Desk');
    const { limits, version } = accepted(await client.call(getLimits, {}));
    const tight = { ...limits, maxPositionLots: '2' };
    accepted(await client.call(changeLimits, { limits: tight }, { ifMatch: String(version) }));
    await cloud.quiet();

    await atOnce(
      Array.from({ length: 100 }, () => ({ tenant, instrument: 'CL', book: 'crowded', maxPositionLots: 3 }) as const),
    );
    await cloud.quiet();
    const decisions = await cloud.sql<{ outcome: string; reason: string | null; count: number }[]>`
    select outcome, reason, count(*)::int from risk.decisions where tenant = ${tenant} group by outcome, reason order by outcome`;
    t.deepEqual(
      [...decisions],
      [
        { outcome: 'approved', reason: null, count: 1 },
        { outcome: 'rejected', reason: 'position-limit', count: 99 },
      ],
    );
    t.is((await ordersAtVenue(tenant)).length, 1);
  },
);

test.serial('a stop with orders on their way names them, and nothing else leaves', async (t) => {
  const { client, tenant } = await newDesk('Held Desk');
  const holding = proxy.hold();
  await burst(tenant);
  await until('an order of each instrument on its way', () => holding.orders.length === MARKETS.length);
  const stopped = accepted(await client.call(emergencyStop, { reason: 'the journey says so' }));
  t.true(stopped.acknowledged);
  const held = holding.orders.map(({ clientOrderId }) => clientOrderId).sort();
  t.deepEqual(stopped.inFlight.map(({ orderId }) => orderId).sort(), held);

  holding.callOff();
  for (const order of holding.orders) {
    await order.forward();
    order.answer();
  }
  await cloud.quiet();
  const orders = await ordersAtVenue(tenant);
  t.deepEqual(orders.map(({ clientOrderId }) => clientOrderId).sort(), held, 'those that were named, and no others');
  t.true(
    orders.every(({ status }) => status === 'CANCELLED'),
    'and what had not traded is withdrawn',
  );
});

test.serial('a stop in a burst: what reaches the exchange after its answer was named in it', async (t) => {
  const { client, tenant } = await newDesk('Busy Desk');
  const before = new Set(proxy.passed.keys());
  await burst(tenant);
  await until('the burst under way', () => proxy.passed.size > before.size + 3);
  const stopped = accepted(await client.call(emergencyStop, { reason: 'the journey says so' }));
  const leftBefore = new Set(proxy.passed.keys());
  t.true(stopped.acknowledged);
  const named = new Set(stopped.inFlight.map(({ orderId }) => orderId));
  await cloud.quiet();

  const orders = await ordersAtVenue(tenant);
  const unannounced = orders.filter(({ clientOrderId }) => !leftBefore.has(clientOrderId) && !named.has(clientOrderId));
  t.deepEqual(unannounced, [], 'nothing leaves after the answer that it did not name');
  t.true(
    orders.every(({ status }) => status !== 'WORKING'),
    'nothing works on',
  );
  const [{ refused } = { refused: 0 }] = await cloud.sql<{ refused: number }[]>`
    select count(*)::int as refused from execution.orders where tenant = ${tenant} and failure_reason in ('halted', 'stale-approval')`;
  t.log(`${orders.length} orders had left, ${named.size} were in flight, ${refused} were refused afterwards`);
});

test.serial('and all of it adds up', async (t) => {
  for (const instrument of MARKETS) await strategist.closeBars(instrument, 2);
  await cloud.quiet();
  addsUp(t, await reconcile(cloud.inspected));
});

/** A mandate in each of twelve books and five markets speaks at once. */
function burst(tenant: string): Promise<void> {
  const books = Array.from({ length: 12 }, (_, index) => `burst-${index}`);
  return atOnce(MARKETS.flatMap((instrument) => books.map((book) => ({ tenant, instrument, book }))));
}

async function ordersAtVenue(tenant: string) {
  const { orders } = await readVenueBook(cloud.ports.venue);
  return orders.filter(({ account }) => account === tenant);
}

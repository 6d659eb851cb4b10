import { PubSub } from '@google-cloud/pubsub';
import test from 'ava';
import { getDeadLetters, redrive } from '../../contracts/admin/api.ts';
import { signalGenerated } from '../../contracts/ai/events.ts';
import { getFeedAccounting, listInstrument } from '../../contracts/market/api.ts';
import { PROJECT } from './support/access.ts';
import { accepted, type Desk, openDesk } from './support/desk.ts';
import { type OwnCloud, startOwnCloud } from './support/own-cloud.ts';
import { FEED, openFeed, ticksOf } from './support/prices.ts';
import { openStrategist, type Strategist } from './support/signals.ts';

let cloud: OwnCloud;
let desk: Desk;
let strategist: Strategist;

test.before(async () => {
  cloud = await startOwnCloud();
  await cloud.quiet();
  desk = await openDesk(cloud);
  strategist = openStrategist(cloud);
  await strategist.closeBars('CL', 10);
  await cloud.quiet();
});

test.after.always(async () => {
  await strategist.close();
  await cloud.close();
});

const waiting = async () =>
  accepted(await desk.administrator.client.call(getDeadLetters, { state: 'waiting' })).deadLetters;

test.serial(
  'prices of an unlisted instrument are parked at once, hold up their key alone, and flow once it is listed',
  async (t) => {
    const { client } = desk.administrator;
    const feed = openFeed(cloud);
    const ticks = ticksOf('CL', 9);
    for (const third of [0, 3, 6]) await feed.send('NEWOIL', ticks.slice(third, third + 3));
    await strategist.closeBars('CL', 1);
    await cloud.quiet();
    await feed.close();

    const [parked, ...others] = await waiting();
    t.deepEqual(others, [], 'what waits behind it has no error of its own');
    t.like(parked, { kind: 'parked', function: 'market-on-price-update', orderingKey: 'NEWOIL', keyWaits: true });
    t.regex(parked?.error ?? '', /unknown instrument NEWOIL/);
    const barsOf = (instrument: string) => cloud.sql`select 1 from market.bars where instrument = ${instrument}`;
    t.is((await barsOf('CL')).length, 10, 'other keys go on');

    const tooEarly = await client.call(redrive, { id: parked?.id ?? '' });
    t.like(tooEarly, { ok: false, problem: 'still-failing' });
    accepted(
      await client.call(listInstrument, {
        instrument: 'NEWOIL',
        description: 'A crude that nobody has heard of, US dollars per barrel',
        kind: 'FUTURE',
        tradable: true,
        currency: 'USD',
        multiplier: '1000',
        tickSize: '0.01',
        lotSize: '1',
        barIntervalSeconds: 60,
      }),
    );
    t.is(accepted(await client.call(redrive, { id: parked?.id ?? '' })).state, 'redriven');
    await cloud.quiet();
    t.is((await barsOf('NEWOIL')).length, 8, 'what waited behind it followed, in order');
    const { instruments } = accepted(await client.call(getFeedAccounting, { feed: FEED }));
    t.like(
      instruments.find(({ instrument }) => instrument === 'NEWOIL'),
      { applied: 9, late: 0, repeated: 0 },
    );
    t.deepEqual(await waiting(), []);
  },
);

test.serial('a signal with a price that is none is parked, and the next one of its key goes on', async (t) => {
  const { tenant } = desk;
  const { data, attributes, orderingKey, signalId } = strategist.compose({
    tenant,
    instrument: 'CL',
    book: 'poisoned',
  });
  const pubsub = new PubSub({ projectId: PROJECT, apiEndpoint: `127.0.0.1:${cloud.ports.pubsub}`, emulatorMode: true });
  const topic = pubsub.topic(signalGenerated.topic, { messageOrdering: true });
  const poison = Buffer.from(JSON.stringify({ ...data, price: 'a lot' }));
  await topic.publishMessage({ data: poison, attributes, orderingKey });
  await pubsub.close();
  const good = await strategist.signal({ tenant, instrument: 'CL', book: 'poisoned' });
  await cloud.quiet();

  const [parked] = await waiting();
  t.like(parked, { function: 'risk-on-signal-generated', eventId: signalId, tenant, keyWaits: false });
  t.regex(parked?.error ?? '', /price/);
  const decisions = await cloud.sql`select signal_id from risk.decisions where book = 'poisoned'`;
  t.deepEqual([...decisions], [{ signal_id: good }]);
});

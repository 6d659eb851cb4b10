import { setTimeout as delay } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { getBars, getFeedAccounting, getInstruments, getQuote, listInstrument } from '#contracts/market/api.ts';
import { instrumentListed, priceUpdate } from '#contracts/market/events.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const test = anyTest as TestFn<Harness>;

const TENANT = '11111111-1111-4111-8111-111111111111';
const reader = { as: { tenant: TENANT, roles: [] } };
const officer = { as: { tenant: TENANT, roles: ['risk-officer'] } };
const lister = { as: { tenant: TENANT, roles: ['market-admin'] } };

const cocoa = (instrument: string) => ({
  instrument,
  description: 'Cocoa, US dollars per tonne',
  kind: 'INDEX_CFD' as const,
  tradable: true,
  currency: 'USD',
  multiplier: '10',
  tickSize: '1',
  lotSize: '1',
  barIntervalSeconds: 60,
});

const ticksOf = (first: number, prices: readonly string[]) =>
  prices.map((price, place) => ({
    price,
    at: new Date(Date.UTC(2020, 3, 20, 10, first + place)).toISOString(),
    sequence: first + place,
  }));

test.before(async (t) => {
  t.context = await startHarness();
});
test.after.always(async (t) => {
  await t.context.close();
});

test.serial('the schedule lists the dated table, once', async (t) => {
  const harness = t.context;
  await harness.schedule('market-list-instruments');
  const listed = await harness.published(instrumentListed.type);
  t.true(
    ['CL', 'CT', 'SB', 'HG', 'NG', 'B', 'WTI', 'BTC-PERP'].every((name) =>
      listed.some((e) => e.data.instrument === name),
    ),
  );
  t.true(listed.every(({ data, orderingKey }) => orderingKey === data.instrument && data.version === 1));

  await harness.schedule('market-list-instruments');
  t.deepEqual(await harness.published(instrumentListed.type), []);
  const { body } = await harness.request(getInstruments, {}, reader);
  t.is(body.instruments.length, listed.length);
});

test.serial("an operator's terms stand against the dated table", async (t) => {
  const harness = t.context;
  await harness.schedule('market-list-instruments');
  const { body } = await harness.request(getInstruments, {}, reader);
  const { version, ...terms } = body.instruments.find((each: { instrument: string }) => each.instrument === 'SB');
  await harness.published();

  const changed = await harness.request(listInstrument, { ...terms, feePerLot: '1.75' }, lister);
  t.deepEqual(changed.body, { instrument: 'SB', version: version + 1 });
  t.deepEqual(
    (await harness.published(instrumentListed.type)).map(({ data }) => [data.version, data.feePerLot]),
    [[version + 1, '1.75']],
  );
  await harness.schedule('market-list-instruments');
  t.deepEqual(await harness.published(instrumentListed.type), []);
});

test.serial('only a market-admin lists instruments', async (t) => {
  t.is((await t.context.request(listInstrument, cocoa('COCOA-1'), officer)).status, 403);
});

test.serial('prices become bars, and the last bar stays open', async (t) => {
  const harness = t.context;
  t.is((await harness.request(listInstrument, cocoa('COCOA-2'), lister)).status, 200);
  await harness.published();

  const message = { instrument: 'COCOA-2', feed: 'bars', ticks: ticksOf(1, ['20', '-36.98', '-37.630', '9']) };
  t.is(await harness.deliver('market-on-price-update', priceUpdate, message), 204);

  const bars = await harness.published('market.bar.closed');
  t.deepEqual(
    bars.map(({ data, orderingKey }) => [orderingKey, data.sequence, data.close]),
    [
      ['COCOA-2', 1, '20'],
      ['COCOA-2', 2, '-36.98'],
      ['COCOA-2', 3, '-37.63'],
    ],
  );
  const quote = await harness.request(getQuote, { instrument: 'COCOA-2' }, reader);
  t.like(quote.body, { price: '9', priceSequence: 4, barsClosed: 3 });
});

test.serial('bars are paged, newest first', async (t) => {
  const harness = t.context;
  await harness.request(listInstrument, cocoa('COCOA-3'), lister);
  const prices = ['1', '2', '3', '4', '5', '6'];
  await harness.deliver('market-on-price-update', priceUpdate, {
    instrument: 'COCOA-3',
    feed: 'pages',
    ticks: ticksOf(1, prices),
  });
  const closes = (body: { bars: { close: string }[] }) => body.bars.map(({ close }) => close);

  const first = await harness.request(getBars, { instrument: 'COCOA-3', limit: 3 }, reader);
  t.deepEqual(closes(first.body), ['5', '4', '3']);
  const second = await harness.request(
    getBars,
    { instrument: 'COCOA-3', limit: 3, before: first.body.nextBefore },
    reader,
  );
  t.deepEqual(closes(second.body), ['2', '1']);
  t.is(second.body.nextBefore, undefined);
  t.is((await harness.request(getBars, { instrument: 'COCOA-NONE' }, reader)).status, 404);
  t.is((await harness.request(getBars, { instrument: 'COCOA-3', limit: 0 }, reader)).status, 400);
});

test.serial('every tick sent is accounted for: applied, late or repeated', async (t) => {
  const harness = t.context;
  await harness.request(listInstrument, cocoa('COCOA-4'), lister);
  const ticks = ticksOf(1, ['1', '2', '3']);
  const message = { instrument: 'COCOA-4', feed: 'accounts', ticks };
  await harness.deliver('market-on-price-update', priceUpdate, message, { id: 'cocoa-4-a' });
  // The same event again has no effect at all; the same ticks in another event are counted and not applied.
  await harness.deliver('market-on-price-update', priceUpdate, message, { id: 'cocoa-4-a' });
  await harness.deliver('market-on-price-update', priceUpdate, message, { id: 'cocoa-4-b' });
  const late = { price: '9', at: ticks[0]?.at ?? '', sequence: 4 };
  await harness.deliver('market-on-price-update', priceUpdate, { ...message, ticks: [late] });

  const { body } = await harness.request(getFeedAccounting, { feed: 'accounts' }, officer);
  t.deepEqual(body, {
    feed: 'accounts',
    instruments: [
      {
        instrument: 'COCOA-4',
        highWaterMark: 4,
        applied: 3,
        late: 1,
        repeated: 3,
        barsClosed: 2,
        ticksInClosedBars: 2,
        ticksInOpenBar: 1,
      },
    ],
  });
  t.is((await harness.request(getFeedAccounting, { feed: 'accounts' }, reader)).status, 403);
});

test.serial(
  'a price of an unknown instrument is parked with its error, and its later ones wait behind it',
  async (t) => {
    const harness = t.context;
    const message = (first: number) => ({ instrument: 'COCOA-5', feed: 'parked', ticks: ticksOf(first, ['7', '8']) });
    t.is(await harness.deliver('market-on-price-update', priceUpdate, message(1), { id: 'cocoa-5-a' }), 204);
    t.is((await harness.request(listInstrument, cocoa('COCOA-5'), lister)).status, 200);
    t.is(await harness.deliver('market-on-price-update', priceUpdate, message(3), { id: 'cocoa-5-b' }), 204);
    t.is((await harness.request(getQuote, { instrument: 'COCOA-5' }, reader)).status, 404);

    const redrive = { id: 'cocoa-5-a', headers: { 'x-millrace-redrive': '1' } };
    t.is(await harness.deliver('market-on-price-update', priceUpdate, message(1), redrive), 204);
    const accounting = async () => (await harness.request(getFeedAccounting, { feed: 'parked' }, officer)).body;
    // What waited follows by itself; how soon is not promised.
    for (let asked = 0; asked < 200 && (await accounting()).instruments[0]?.highWaterMark !== 4; asked++)
      await delay(20);
    t.like((await accounting()).instruments[0], { applied: 4, late: 0, repeated: 0, barsClosed: 3 });
  },
);

import anyTest, { type TestFn } from 'ava';
import { getMandates, grantMandate } from '#contracts/ai/api.ts';
import type { EventData } from '#contracts/kit/event.ts';
import { barClosed, instrumentListed } from '#contracts/market/events.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const test = anyTest as TestFn<Harness>;

const ALICE = '11111111-1111-4111-8111-111111111111';
const BOB = '22222222-2222-4222-8222-222222222222';
const officerOf = (tenant: string) => ({ as: { tenant, id: `officer-of-${tenant}`, roles: ['risk-officer'] } });

const listing = (instrument: string, version = 1, tradable = true): EventData<typeof instrumentListed> => ({
  instrument,
  version,
  description: 'a test instrument',
  kind: tradable ? 'INDEX_CFD' : 'INDEX',
  tradable,
  currency: 'USD',
  multiplier: '1',
  tickSize: '0.01',
  lotSize: '1',
  barIntervalSeconds: 60,
  feePerLot: '0',
  spreadTicks: 0,
  depthLots: '1',
  levels: 1,
  collarVolatilities: 10,
});

function bar(instrument: string, sequence: number, close: string): EventData<typeof barClosed> {
  const openedAt = Date.UTC(2024, 0, 1) + sequence * 60_000;
  return {
    instrument,
    sequence,
    intervalSeconds: 60,
    openedAt: new Date(openedAt).toISOString(),
    closedAt: new Date(openedAt + 60_000).toISOString(),
    open: close,
    high: close,
    low: close,
    close,
    volume: '0',
    ticks: 1,
    priceSequence: sequence,
  };
}

/** A price that swings about 50 for a while: mean reversion has something to say. */
const swing = (sequence: number) => (50 + 3 * Math.sin((sequence * 2 * Math.PI) / 10)).toFixed(2);

async function list(harness: Harness, instrument: string) {
  await harness.deliver('ai-on-instrument-listed', instrumentListed, listing(instrument));
}

async function sendBars(harness: Harness, instrument: string, from: number, to: number) {
  for (let sequence = from; sequence <= to; sequence++) {
    const id = `${instrument}-${sequence}`;
    const status = await harness.deliver('ai-on-bar-closed', barClosed, bar(instrument, sequence, swing(sequence)), {
      id,
    });
    if (status !== 204) throw new Error(`bar ${sequence} was answered ${status}`);
  }
}

test.before(async (t) => {
  t.context = await startHarness();
});
test.after.always(async (t) => {
  await t.context.close();
});

test.serial(
  'a mandate is granted once for a strategy, instrument and book, and only its own tenant sees it',
  async (t) => {
    const harness = t.context;
    await list(harness, 'AAA');
    const terms = { strategy: 'ensemble', instrument: 'AAA', book: 'paper', maxPositionLots: 5 };
    const granted = await harness.request(grantMandate, terms, officerOf(ALICE));
    t.is(granted.status, 201);
    t.like(await harness.request(grantMandate, { ...terms, maxPositionLots: 9 }, officerOf(ALICE)), {
      status: 409,
      body: { code: 'mandate-exists' },
    });
    t.is((await harness.request(grantMandate, { ...terms, book: 'other' }, officerOf(ALICE))).status, 201);

    const events = await harness.published('ai.mandate.granted');
    t.like(events[0], { tenant: ALICE, orderingKey: `${ALICE}:AAA`, data: { ...terms, ...granted.body } });
    t.is(events.length, 2);
    t.is((await harness.request(getMandates, {}, officerOf(ALICE))).body.mandates.length, 2);
    t.deepEqual((await harness.request(getMandates, {}, officerOf(BOB))).body.mandates, []);
  },
);

test.serial('no mandate is granted on what is not listed or not traded, or by who is no risk officer', async (t) => {
  const harness = t.context;
  await harness.deliver('ai-on-instrument-listed', instrumentListed, listing('AAA-INDEX', 2, false));
  // An older version that comes late changes nothing.
  await harness.deliver('ai-on-instrument-listed', instrumentListed, listing('AAA-INDEX', 1, true));
  const terms = { strategy: 'ensemble', book: 'paper', maxPositionLots: 5 };
  const ask = (instrument: string, roles = ['risk-officer']) =>
    harness.request(grantMandate, { ...terms, instrument }, { as: { tenant: ALICE, roles } });
  t.is((await ask('UNHEARD-OF')).body.code, 'unknown-instrument');
  t.is((await ask('AAA-INDEX')).body.code, 'not-tradable');
  t.is((await ask('AAA', ['trader'])).status, 403);
});

test.serial(
  'an opinion goes out under every mandate that asked for its strategy and instrument, and under no other',
  async (t) => {
    const harness = t.context;
    await list(harness, 'BBB');
    await list(harness, 'CCC');
    const grant = async (tenant: string, strategy: string, instrument: string, maxPositionLots: number) => {
      const terms = { strategy, instrument, book: 'paper', maxPositionLots };
      return (await harness.request(grantMandate, terms, officerOf(tenant))).body.mandateId;
    };
    const alices = await grant(ALICE, 'mean-reversion', 'BBB', 3);
    const bobs = await grant(BOB, 'mean-reversion', 'BBB', 7);
    await grant(BOB, 'mean-reversion', 'CCC', 7);
    await grant(ALICE, 'momentum', 'BBB', 3);
    await harness.published();

    await sendBars(harness, 'BBB', 1, 60);
    const signals = await harness.published('ai.signal.generated');
    t.true(signals.length >= 6);
    t.deepEqual([...new Set(signals.map(({ data }) => data.mandateId))].sort(), [alices, bobs].sort());
    const [alicesFirst, bobsFirst] = [alices, bobs].map((mandate) =>
      signals.find(({ data }) => data.mandateId === mandate),
    );
    t.is(alicesFirst?.tenant, ALICE);
    t.is(bobsFirst?.tenant, BOB);
    t.is(bobsFirst?.data.maxPositionLots, 7);
    t.deepEqual(bobsFirst?.data.decidedAt, alicesFirst?.data.decidedAt);
    t.not(bobsFirst?.data.signalId, alicesFirst?.data.signalId);
    for (const { data } of signals) {
      t.is(data.price, swing(data.decidedAt.sequence));
      t.is(data.side, Number(data.price) < 50 ? 'BUY' : 'SELL');
      t.is(data.modelVersion, 'momentum-reversion-1');
      t.true(data.confidence > 0 && data.confidence <= 1 && data.volatility > 0 && 'efficiency' in data.features);
    }
  },
);

test.serial('a bar that comes again, or late, moves no model', async (t) => {
  const harness = t.context;
  await list(harness, 'DDD');
  await sendBars(harness, 'DDD', 1, 20);
  const state = () => harness.sql`select sequence, state from ai.model_states where instrument = 'DDD'`;
  const before = await state();
  t.is(before[0]?.sequence, '20');
  await sendBars(harness, 'DDD', 20, 20);
  t.is(await harness.deliver('ai-on-bar-closed', barClosed, bar('DDD', 7, '99')), 204);
  t.deepEqual([...(await state())], [...before]);
});

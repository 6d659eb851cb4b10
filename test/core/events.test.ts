import test from 'ava';
import * as z from 'zod';
import { event } from '#contracts/kit/event.ts';
import { effect } from '#core/effect.ts';
import { REDRIVE_HEADER } from '#core/event-delivery.ts';
import { eventFunction } from '#core/function.ts';
import { PermanentFailure, TransientFailure } from '#core/problem.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const cause = event({
  type: 'test.cause',
  version: 1,
  scope: 'tenant',
  orderBy: 'key',
  summary: 'A test event',
  data: z.object({ key: z.string(), text: z.string() }),
});
const result = event({
  type: 'test.result',
  version: 1,
  scope: 'tenant',
  orderBy: 'key',
  summary: 'What came of it',
  data: z.object({ key: z.string(), text: z.string() }),
});

/** What the handlers are told to do, by the event's text. */
const behaviour = { poison: true, outside: [] as string[], answerLost: false };

const send = effect({
  name: 'test-send',
  request: z.object({ key: z.string(), text: z.string() }),
  outcome: z.object({ accepted: z.boolean() }),
  emits: [result],
  async act({ text }, { clientId }) {
    if (!behaviour.outside.includes(clientId)) behaviour.outside.push(clientId);
    if (text === 'answer lost' && behaviour.answerLost)
      throw new Error('the connection broke after the request was sent');
    return { accepted: true };
  },
  async ask(_, { clientId }) {
    return { accepted: behaviour.outside.includes(clientId) };
  },
  async settle({ accepted }, { key }, { publish }) {
    publish(result, { key, text: accepted ? 'accepted' : 'refused' });
  },
});

const onCause = eventFunction(
  cause,
  { emits: [result], onPoison: 'park-key' },
  async ({ key, text }, { tx, publish }) => {
    if (text === 'poison' && behaviour.poison) throw new PermanentFailure('a rule says never');
    if (text === 'away') throw new TransientFailure('not now');
    if (text === 'locked') await tx`select from quota_windows where subject = ${key} for update`;
    publish(result, { key, text: `${text} 1` });
    publish(result, { key, text: `${text} 2` });
  },
);
const onCauseSkipping = eventFunction(
  cause,
  { emits: [result], onPoison: 'skip' },
  async ({ key, text }, { publish }) => {
    if (text === 'poison') throw new PermanentFailure('a rule says never');
    publish(result, { key, text });
  },
);
const onCauseActing = eventFunction(cause, { effects: [send], onPoison: 'skip' }, async (data, { intend, newId }) => {
  intend(send, newId(), data);
});

let harness: Harness;
test.before(async () => {
  harness = await startHarness({
    functions: [
      { name: 'market-on-cause', context: 'market', declaration: onCause },
      { name: 'market-on-cause-skipping', context: 'market', declaration: onCauseSkipping },
      { name: 'market-on-cause-acting', context: 'market', declaration: onCauseActing },
    ],
  });
});
test.after.always(() => harness?.close());
test.afterEach(() => harness.published());

const tenant = '11111111-1111-4111-8111-111111111111';

test.serial('an event delivered three times has its effect once', async (t) => {
  const id = crypto.randomUUID();
  for (let delivery = 0; delivery < 3; delivery++) {
    t.is(await harness.deliver('market-on-cause', cause, { key: 'once', text: 'hello' }, { tenant, id }), 204);
  }
  const published = await harness.published('test.result');
  t.deepEqual(
    published.map(({ data, attributes }) => [data.text, attributes['ce-sequence']]),
    [
      ['hello 1', '1'],
      ['hello 2', '2'],
    ],
  );
  t.true(
    published.every(
      ({ attributes, orderingKey }) => attributes['ce-causation'] === id && orderingKey === `${tenant}:once`,
    ),
  );
});

test.serial('simultaneous deliveries of one event have its effect once', async (t) => {
  const id = crypto.randomUUID();
  const statuses = await Promise.all(
    Array.from({ length: 10 }, () =>
      harness.deliver('market-on-cause', cause, { key: 'twins', text: 'hello' }, { tenant, id }),
    ),
  );
  t.true(statuses.every((status) => status === 204));
  t.is((await harness.published('test.result')).length, 2);
});

test.serial('of many that come at once, those that fail take nothing of the others with them', async (t) => {
  const texts = Array.from({ length: 30 }, (_, n) => (n % 3 === 0 ? 'away' : `event ${n}`));
  const statuses = await Promise.all(
    texts.map((text, n) => harness.deliver('market-on-cause', cause, { key: `crowd ${n}`, text }, { tenant })),
  );
  t.deepEqual(
    statuses,
    texts.map((text) => (text === 'away' ? 503 : 204)),
  );
  const published = await harness.published('test.result');
  t.deepEqual(
    new Set(published.map(({ data }) => data.text)),
    new Set(texts.filter((text) => text !== 'away').flatMap((text) => [`${text} 1`, `${text} 2`])),
  );
});

test.serial(
  'one that waits for a lock holds up none of those that come with it, and is done once it has it',
  async (t) => {
    await harness.sql`insert into market.quota_windows (subject, window_start, leased) values ('held', to_timestamp(1), 1)`;
    const locked = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const holding = harness.sql.begin(async (tx) => {
      await tx`select from market.quota_windows where subject = 'held' for update`;
      locked.resolve();
      await over.promise;
    });
    await locked.promise;
    const events = Array.from({ length: 12 }, (_, n) =>
      n === 4 ? { key: 'held', text: 'locked' } : { key: `free ${n}`, text: 'hello' },
    );
    const answers = events.map((data) => harness.deliver('market-on-cause', cause, data, { tenant }));
    const others = answers.filter((_, n) => n !== 4);
    t.true((await Promise.all(others)).every((status) => status === 204));
    over.resolve();
    await holding;
    t.is(await answers[4], 204);
    t.is((await harness.published('test.result')).filter(({ data }) => data.key === 'held').length, 2);
  },
);

test.serial('events of one key committed by many at once are published in commit order', async (t) => {
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      harness.deliver('market-on-cause', cause, { key: 'race', text: `event ${n}` }, { tenant }),
    ),
  );
  const sequences = (await harness.published('test.result')).map(({ attributes }) => Number(attributes['ce-sequence']));
  t.deepEqual(
    sequences,
    Array.from({ length: 80 }, (_, n) => n + 1),
  );
});

test.serial(
  'a poison event is parked with its error, its key waits, and all of it succeeds in order once redriven',
  async (t) => {
    const poison = crypto.randomUUID();
    t.is(await harness.deliver('market-on-cause', cause, { key: 'sick', text: 'poison' }, { tenant, id: poison }), 204);
    t.is(await harness.deliver('market-on-cause', cause, { key: 'sick', text: 'later' }, { tenant }), 204);
    t.is(await harness.deliver('market-on-cause', cause, { key: 'well', text: 'other key' }, { tenant }), 204);
    const before = await harness.published();
    t.deepEqual(
      before.filter(({ type }) => type === 'test.result').map(({ data }) => data.text),
      ['other key 1', 'other key 2'],
    );
    const parked = before.find(({ type }) => type === 'platform.event.parked');
    t.like(parked?.data, {
      function: 'market-on-cause',
      eventId: poison,
      keyWaits: true,
      error: 'PermanentFailure: a rule says never',
    });

    t.is(
      await harness.deliver(
        'market-on-cause',
        cause,
        { key: 'sick', text: 'poison' },
        { tenant, id: poison, headers: { [REDRIVE_HEADER]: '1' } },
      ),
      409,
    );
    behaviour.poison = false;
    t.is(
      await harness.deliver(
        'market-on-cause',
        cause,
        { key: 'sick', text: 'poison' },
        { tenant, id: poison, headers: { [REDRIVE_HEADER]: '1' } },
      ),
      204,
    );
    await harness.deliver('market-on-cause', cause, { key: 'sick', text: 'last' }, { tenant });
    const after = (await harness.published('test.result')).map(({ data }) => data.text);
    t.deepEqual(after, ['poison 1', 'poison 2', 'later 1', 'later 2', 'last 1', 'last 2']);
  },
);

test.serial('where the contract says skip, later events of a poisoned key go on', async (t) => {
  await harness.deliver('market-on-cause-skipping', cause, { key: 'skip', text: 'poison' }, { tenant });
  await harness.deliver('market-on-cause-skipping', cause, { key: 'skip', text: 'next' }, { tenant });
  t.deepEqual(
    (await harness.published('test.result')).map(({ data }) => data.text),
    ['next'],
  );
});

test.serial('a transient failure is delivered again and keeps its error', async (t) => {
  const id = crypto.randomUUID();
  t.is(await harness.deliver('market-on-cause', cause, { key: 'away', text: 'away' }, { tenant, id }), 503);
  t.is((await harness.published()).length, 0);
});

test.serial('a payload that does not fit its contract is parked with every field', async (t) => {
  t.is(await harness.deliver('market-on-cause', cause, { key: 'x', text: 7 } as never, { tenant }), 204);
  const [parked] = await harness.published('platform.event.parked');
  t.regex(parked?.data.error, /does not fit test.cause.v1: text: /);
});

test.serial('an effect is acted on once and its outcome published, whatever is redelivered', async (t) => {
  behaviour.outside.length = 0;
  const id = crypto.randomUUID();
  for (let delivery = 0; delivery < 3; delivery++)
    await harness.deliver('market-on-cause-acting', cause, { key: 'effect', text: 'go' }, { tenant, id });
  t.is(behaviour.outside.length, 1);
  t.deepEqual(
    (await harness.published('test.result')).map(({ data }) => data.text),
    ['accepted'],
  );
});

test.serial('an effect whose answer was lost is asked about, not sent again', async (t) => {
  behaviour.outside.length = 0;
  behaviour.answerLost = true;
  const id = crypto.randomUUID();
  t.is(
    await harness.deliver('market-on-cause-acting', cause, { key: 'lost', text: 'answer lost' }, { tenant, id }),
    503,
  );
  t.is((await harness.published('test.result')).length, 0);
  t.is(
    await harness.deliver('market-on-cause-acting', cause, { key: 'lost', text: 'answer lost' }, { tenant, id }),
    204,
  );
  t.is(behaviour.outside.length, 1);
  t.deepEqual(
    (await harness.published('test.result')).map(({ data }) => data.text),
    ['accepted'],
  );
});

import { join } from 'node:path';
import test from 'ava';
import * as z from 'zod';
import { jobContract } from '#contracts/kit/job.ts';
import { operation } from '#contracts/kit/operation.ts';
import { effect, NEVER_ARRIVED } from '#core/effect.ts';
import { httpFunction, job } from '#core/function.ts';
import { findExecution, startJob } from '#core/job.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import countUpJob, { countUp } from './fixtures/count-up.ts';

let answersLost = 0;
const startCounting = effect({
  name: 'start-counting',
  request: countUp.input,
  outcome: z.object({ execution: z.string() }),
  emits: [],
  async act(request, context) {
    const started = await startJob(context, countUp, request);
    if (answersLost-- > 0) throw new Error('the answer was lost');
    return started;
  },
  ask: async (_, context) => (await findExecution(context, countUp)) ?? NEVER_ARRIVED,
  async settle() {
    // Nothing here depends on it.
  },
});
const count = operation({
  method: 'POST',
  path: '/v1/tests/counts',
  summary: 'Count',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ to: z.int(), failures: z.int().default(0) }),
  output: z.object({ clientId: z.uuid() }),
});
const counts = httpFunction(
  count,
  { effects: [startCounting], startsJobs: [countUp] },
  async ({ to, failures }, { intend, newId }) => {
    const clientId = newId();
    intend(startCounting, clientId, { to, failures, waitsMs: 0 });
    return { clientId };
  },
);

let harness: Harness;
test.before(async () => {
  harness = await startHarness({
    jobs: true,
    functions: [{ name: 'market-count', context: 'market', declaration: counts }],
    jobFiles: [
      {
        name: 'market-count-up',
        context: 'market',
        declaration: countUpJob,
        path: join(import.meta.dirname, 'fixtures', 'count-up.ts'),
      },
    ],
  });
});
test.after.always(() => harness?.close());

const as = { tenant: '33333333-3333-4333-8333-333333333333' };

test.serial('a job that an effect starts runs for its tenant in a process of its own', async (t) => {
  const { status } = await harness.request(count, { to: 3 }, { as });
  t.is(status, 200);
  const published = await harness.settle({ only: [] });
  t.deepEqual(
    published.map(({ tenant, data }) => [tenant, data.number]),
    [1, 2, 3].map((number) => [as.tenant, number]),
  );
});

test.serial('an attempt that fails is followed by another, with the same ids', async (t) => {
  await harness.request(count, { to: 2, failures: 1 }, { as });
  const published = await harness.settle({ only: [] });
  t.deepEqual(
    published.map(({ data }) => data.number),
    [1, 2],
    'what the first attempt published is known by its id',
  );
  t.is(new Set(published.map(({ data }) => data.run)).size, 1);
});

test.serial('a start whose answer was lost is asked after, and not repeated', async (t) => {
  answersLost = 1;
  const { body } = await harness.request(count, { to: 1 }, { as });
  const [row] = await harness.sql`select state from market.effects where client_id = ${body.clientId}`;
  t.is(row?.state, 'intended');
  const context = { clientId: String(body.clientId), config: harness.config('market').variable };
  const found = await findExecution(context, countUp);
  t.regex(found?.execution ?? '', /\/jobs\/market-count-up\/executions\//);
  t.is((await harness.settle({ only: [] })).length, 1);
  t.is((await findExecution(context, countUp))?.state, 'succeeded');
  t.is(await findExecution({ ...context, clientId: crypto.randomUUID() }, countUp), undefined);
});

test('a job asks for hardware that there is', (t) => {
  const contract = jobContract({ name: 'some-work', summary: 'Work', input: z.object({}) });
  const handle = async () => undefined;
  t.throws(() => job(contract, { gpu: 'nvidia-l4', cpu: 2, memory: '16GiB' }, handle), { message: /4 CPU/ });
  t.throws(() => job(contract, { gpu: 'nvidia-l4', cpu: 4, memory: '8GiB' }, handle), { message: /16 GiB/ });
  t.throws(() => job(contract, { gpu: 'nvidia-l4', cpu: 4, memory: '16GiB', timeoutSeconds: 7_200 }, handle));
  t.notThrows(() => job(contract, { timeoutSeconds: 86_400 }, handle));
  t.throws(() => jobContract({ name: 'Some work', summary: 'Work', input: z.object({}) }), { instanceOf: TypeError });
});

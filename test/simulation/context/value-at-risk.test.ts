import test from 'ava';
import {
  computeValueAtRisk,
  createSimulation,
  getSimulation,
  getSimulationQueue,
  getSimulationResults,
} from '#contracts/simulation/api.ts';
import type { Harness } from '../../support/harness.ts';
import { asked, caller, inputs, model, modelFile, OTHER_TENANT, scanned, startSimulation } from './setup.ts';

let harness: Harness;
test.before(async () => {
  harness = await startSimulation(true);
});
test.after.always(() => harness?.close());

const position = (instrument: string, quantity: string, more: object) => ({
  instrument,
  quantity,
  multiplier: '1000',
  price: '-36.98',
  ...more,
});
const risk = (request: Record<string, unknown>) => harness.request(computeValueAtRisk, request, caller());

test.serial(
  "a position's value at risk is its deviation times the normal's quantile, at a negative price too",
  async (t) => {
    const positions = [position('CL', '2', { volatility: 1.5 })];
    const { status, body } = await risk({ positions, levels: [0.95], horizonDays: 4, paths: 200_000 });
    t.is(status, 200, JSON.stringify(body));
    const [level] = body.levels;
    // 2 lots × 1,000 × 1.5 a day × the root of 4 days × 1.6449.
    const exact = 2 * 1_000 * 1.5 * 2 * 1.6448536269514722;
    t.true(level.valueAtRiskInterval.low < exact && exact < level.valueAtRiskInterval.high, JSON.stringify(level));
    t.true(level.expectedShortfall > level.valueAtRisk);
    t.is(body.value, -73_960);
  },
);

test.serial('positions that move against each other have less risk together, and their parts add up', async (t) => {
  const positions = [position('CL', '1', { volatility: 1 }), position('BRN', '-1', { volatility: 1 })];
  const correlations = [
    [1, 0.9],
    [0.9, 1],
  ];
  const [level] = (await risk({ positions, correlations, levels: [0.99] })).body.levels;
  t.true(level.valueAtRisk < 0.6 * 1_000 * 2.326);
  const parts = level.contributions.reduce((sum: number, part: { valueAtRisk: number }) => sum + part.valueAtRisk, 0);
  t.true(Math.abs(parts / level.valueAtRisk - 1) < 1e-9);
});

test.serial('a history of prices that goes below zero is followed in absolute moves', async (t) => {
  const prices = Array.from({ length: 120 }, (_, day) => (20 - day * 0.5 + (day % 7)).toFixed(2));
  const { status, body } = await risk({
    positions: [position('CL', '1', { prices })],
    method: { kind: 'historical' },
    levels: [0.95],
  });
  t.is(status, 200, JSON.stringify(body));
  t.is(body.scenarios, 119);
  t.false(body.drawn);
});

test.serial('a portfolio that cannot be worked out is refused with a code', async (t) => {
  const both = [position('CL', '1', { volatility: 1 }), position('BRN', '1', {})];
  t.like((await risk({ positions: both })).body, { status: 422, code: 'bad-moves' });
  const short = [position('CL', '1', { prices: ['1', '2', '3'] })];
  t.like((await risk({ positions: short, method: { kind: 'historical' } })).body, {
    status: 422,
    code: 'too-few-days',
  });
  const many = Array.from({ length: 200 }, (_, n) => position(`C${n}`, '1', { volatility: 1 }));
  const long = { positions: many, scaling: 'drawn', horizonDays: 250, paths: 1_000_000 };
  t.like((await risk(long)).body, { status: 413, code: 'too-large' });
});

test.serial('a run that is to have a GPU goes on without where there is none, and says so', async (t) => {
  const workbookId = await scanned(harness, modelFile(model));
  const request = { workbookId, inputs, outputs: ['Model!A5'], paths: 16_000, seed: 11 };
  const onGpu = await harness.request(createSimulation, { ...request, backend: 'gpu' }, caller());
  const onCpu = await harness.request(createSimulation, request, caller());
  await harness.settle();
  const id = onGpu.body.simulationId;
  const state = await harness.request(getSimulation, { id }, caller());
  t.is(state.body.state, 'completed', JSON.stringify(state.body));
  const { body } = await harness.request(getSimulationResults, { id }, caller());
  t.is(body.backend, 'webassembly');
  t.regex(body.warnings[0], /without a GPU/);
  const other = await harness.request(getSimulationResults, { id: onCpu.body.simulationId }, caller());
  t.is(body.digest, other.body.digest);
  const [allocation] =
    await harness.sql`select state, reason from simulation.gpu_allocations where simulation_id = ${id}`;
  t.is(allocation?.state, 'absent');
  t.true(String(allocation?.reason).length > 10);
});

test.serial(
  'the queue shows an organisation its own runs that wait, and when they are expected to begin',
  async (t) => {
    const tenant = OTHER_TENANT;
    const trial = caller(tenant, 'trial');
    const workbookId = await scanned(harness, modelFile(model), tenant);
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.push(await asked(harness, { workbookId, paths: 2_000 }, trial));
    const { body } = await harness.request(getSimulationQueue, {}, trial);
    t.like(body, { running: 1, allowed: 1 });
    t.deepEqual(
      body.waiting.map(({ simulationId, position }: { simulationId: string; position: number }) => [
        simulationId,
        position,
      ]),
      [
        [ids[1], 1],
        [ids[2], 2],
      ],
    );
    t.deepEqual((await harness.request(getSimulationQueue, {}, caller())).body.waiting, []);
    await harness.settle();
    for (const id of ids) t.is((await harness.request(getSimulation, { id }, trial)).body.state, 'completed');
  },
);

import { randomUUID } from 'node:crypto';
import test from 'ava';
import { fileDeleted } from '#contracts/files/events.ts';
import {
  compareSimulations,
  createSimulation,
  getSimulation,
  getSimulationResults,
  getWorkbook,
  listSimulations,
} from '#contracts/simulation/api.ts';
import type { Harness } from '../../support/harness.ts';
import { asked, caller, inputs, model, modelFile, OTHER_TENANT, scanned, startSimulation, TENANT } from './setup.ts';

let harness: Harness;
let workbookId: string;
test.before(async () => {
  harness = await startSimulation();
  const formulas = { B1: '=B2+1', B2: '=B1', B3: '=NOSUCHTHING(A1)', B4: '=A1*2', B5: '=1+' };
  workbookId = await scanned(harness, modelFile({ ...model, ...formulas }));
});
test.after.always(() => harness?.close());

const ask = (request: Record<string, unknown>) =>
  harness.request(createSimulation, { workbookId, inputs, outputs: ['Model!A5'], paths: 1_000, ...request }, caller());

const normal = (cell: string) => ({ cell, distribution: 'normal(0,1)' });
const refusals: Record<string, [Record<string, unknown>, string, RegExp]> = {
  'an input on a sheet that is not there': [{ inputs: [normal('Nowhere!A1')] }, 'unknown-cell', /Nowhere!A1/],
  'an input that is no cell': [{ inputs: [normal('Model!')] }, 'unknown-cell', /Model!/],
  'an output that is empty': [{ outputs: ['Model!Z99'] }, 'empty-cell', /Model!Z99/],
  'an input given twice': [{ inputs: [normal('Model!A1'), normal('A1')] }, 'input-twice', /A1/],
  'a correlation with what is no input': [
    { correlations: [{ first: 'Model!A1', second: 'Model!A5', rank: 0.5 }] },
    'not-an-input',
    /Model!A5/,
  ],
  'a threshold on what is no output': [{ thresholds: [{ cell: 'Model!A6', value: 1 }] }, 'not-an-output', /Model!A6/],
  'a deviation below zero': [
    { inputs: [{ cell: 'Model!A1', distribution: 'normal(0,-1)' }] },
    'impossible-parameter',
    /Model!A1/,
  ],
  'an odd number of antithetic paths': [{ sampling: 'antithetic', paths: 1_001 }, 'impossible-settings', /pairs/],
  'a Latin hypercube that is to stop at a precision': [
    { sampling: 'latin-hypercube', paths: 1_600, precision: { statistic: 'mean', halfWidth: 1 } },
    'impossible-settings',
    /fixed number/,
  ],
  'an output in a circle': [{ inputs: [normal('Model!A1')], outputs: ['Model!B1'] }, 'cycle', /Model!B1/],
  'an output that needs an unknown function': [
    { inputs: [normal('Model!A1')], outputs: ['Model!B3'] },
    'unsupported-formula',
    /Model!B3.*NOSUCHTHING/,
  ],
};
for (const [name, [request, code, sentence]] of Object.entries(refusals)) {
  test.serial(`${name} is refused with its code and cell`, async (t) => {
    const { status, body } = await ask(request);
    t.is(status, 422, JSON.stringify(body));
    t.is(body.code, code);
    t.regex(body.detail, sentence);
  });
}

test.serial('a request that does not fit is told every field that is wrong', async (t) => {
  const { status, body } = await ask({ paths: 0, outputs: [], sampling: 'guess' });
  t.is(status, 400);
  t.deepEqual(body.errors.map(({ path }: { path: string }) => path).sort(), ['outputs', 'paths', 'sampling']);
});

test.serial('what does not depend on an unknown function or a circle is run all the same', async (t) => {
  t.is((await ask({ inputs: [normal('Model!A1')], outputs: ['Model!B4'] })).status, 202);
  await harness.settle();
});

test.serial('a workbook that is not there, or another organisation’s, is not found', async (t) => {
  t.is((await ask({ workbookId: randomUUID() })).status, 404);
  const other = caller(OTHER_TENANT);
  const request = { workbookId, inputs, outputs: ['Model!A5'] };
  t.is((await harness.request(createSimulation, request, other)).status, 404);
  t.is((await harness.request(getWorkbook, { id: workbookId }, other)).status, 404);
  const id = await asked(harness, { workbookId, paths: 1_000 });
  await harness.settle();
  for (const operation of [getSimulation, getSimulationResults])
    t.is((await harness.request(operation, { id }, other)).status, 404);
  t.deepEqual((await harness.request(listSimulations, {}, other)).body.simulations, []);
  const compared = await harness.request(compareSimulations, { simulationIds: [id, id] }, other);
  t.is(compared.status, 404);
});

test.serial('a request that is sent again with its key is one run', async (t) => {
  const headers = { 'idempotency-key': randomUUID() };
  const request = { workbookId, inputs, outputs: ['Model!A5'], paths: 1_000 };
  const first = await harness.request(createSimulation, request, { ...caller(), headers });
  const second = await harness.request(createSimulation, request, { ...caller(), headers });
  t.deepEqual(second.body, first.body);
  const runs = await harness.sql`select 1 from simulation.simulations where simulation_id = ${first.body.simulationId}`;
  t.is(runs.length, 1);
  await harness.settle();
});

test.serial('simulations are listed page by page, the latest first', async (t) => {
  const all: string[] = [];
  let after: string | undefined;
  do {
    const { body } = await harness.request(
      listSimulations,
      { limit: 2, ...(after === undefined ? {} : { after }) },
      caller(),
    );
    all.push(...body.simulations.map(({ createdAt }: { createdAt: string }) => createdAt));
    after = body.next;
  } while (after !== undefined);
  t.true(all.length >= 3);
  t.deepEqual(all, all.toSorted().reverse());
});

test.serial('a workbook shows what it holds, and which cells look like inputs and outputs', async (t) => {
  const { body } = await harness.request(getWorkbook, { id: workbookId }, caller());
  t.is(body.state, 'read');
  t.like(body.contents.sheets[0], { name: 'Model', visibility: 'visible', rows: 12, columns: 2, formulas: 13 });
  t.deepEqual(body.contents.unknownFunctions, [{ name: 'NOSUCHTHING', count: 1, cells: ['Model!B3'] }]);
  t.true(body.contents.inputs.some(({ cell }: { cell: string }) => cell === 'Model!A4'));
  t.true(body.contents.outputs.every(({ reasons }: { reasons: string[] }) => reasons.length > 0));
});

test.serial('a file that is no workbook is refused with a code and a sentence, and cannot be run', async (t) => {
  const broken = await scanned(harness, Buffer.from('PK\u0003\u0004 and then nothing of the kind'));
  const { body } = await harness.request(getWorkbook, { id: broken }, caller());
  t.is(body.state, 'refused');
  t.regex(body.refusal.code, /^[a-z-]+$/);
  t.true(body.refusal.detail.endsWith('.'));
  t.like(await ask({ workbookId: broken }), { status: 422 });
});

test.serial(
  'a workbook whose file was deleted is not found any more, and what its runs came to is still there',
  async (t) => {
    const deleted = await scanned(harness, modelFile(model));
    const id = await asked(harness, { workbookId: deleted, paths: 1_000, outputs: ['Model!A5'] });
    await harness.settle();
    const gone = { fileId: deleted, ownerId: 'trader-1', at: new Date().toISOString() };
    t.is(await harness.deliver('simulation-on-file-deleted', fileDeleted, gone, { tenant: TENANT }), 204);
    t.is((await harness.request(getWorkbook, { id: deleted }, caller())).status, 404);
    t.is((await ask({ workbookId: deleted })).status, 404);
    t.is((await harness.request(getSimulationResults, { id }, caller())).status, 200);
  },
);

test.serial('a workbook that is too large to be compiled at once fails as a run, with the same code', async (t) => {
  await harness.sql`update simulation.workbooks set bytes = 6000000 where workbook_id = ${workbookId}`;
  const id = await asked(harness, { workbookId, outputs: ['Model!B1'], inputs: [normal('Model!A1')], paths: 1_000 });
  await harness.settle();
  const { body } = await harness.request(getSimulation, { id }, caller());
  t.is(body.state, 'failed');
  t.is(body.failure.code, 'cycle');
  t.regex(body.failure.detail, /Model!B1/);
});

test.serial('runs are compared with the first of them, each difference with its error', async (t) => {
  const base = { workbookId, inputs: [normal('Model!A1')], outputs: ['Model!B4'], paths: 10_000 };
  const moved = { ...base, inputs: [{ cell: 'Model!A1', distribution: 'normal(0.5,1)' }] };
  const simulationIds = [
    await asked(harness, base),
    await asked(harness, { ...base, seed: 12 }),
    await asked(harness, moved),
    await asked(harness, base),
  ];
  await harness.settle();
  const { status, body } = await harness.request(compareSimulations, { simulationIds }, caller());
  t.is(status, 200, JSON.stringify(body));
  t.deepEqual(body.identical, [simulationIds[3]]);
  const settings = body.settings.map(({ setting }: { setting: string }) => setting);
  t.deepEqual(settings, ['asOf', 'input Model!A1', 'seed']);
  const meanOf = (id: string | undefined) =>
    body.outputs
      .find(({ simulationId }: { simulationId: string }) => simulationId === id)
      .differences.find(({ statistic }: { statistic: string }) => statistic === 'mean');
  t.false(meanOf(simulationIds[3]).significant);
  t.is(meanOf(simulationIds[3]).difference, 0);
  t.true(meanOf(simulationIds[2]).significant);
  t.true(Math.abs(meanOf(simulationIds[2]).difference - 1) < 1e-9, 'the same paths, moved');
});

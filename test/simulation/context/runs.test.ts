import { Storage } from '@google-cloud/storage';
import test from 'ava';
import { getSimulation, getSimulationResults } from '#contracts/simulation/api.ts';
import { documentStore } from '#core/firestore.ts';
import { prepareRun } from '../../../functions/simulation/engine/request/prepare.ts';
import { simulate } from '../../../functions/simulation/engine/run/simulate.ts';
import { readWorkbook } from '../../../functions/simulation/engine/workbook/read.ts';
import { writtenFigures } from '../../../functions/simulation/views/figures.ts';
import { readRequest, runRequestOf } from '../../../functions/simulation/working/run-request.ts';
import { KEPT_BYTES } from '../../../functions/simulation/working/run-worker.ts';
import type { Harness } from '../../support/harness.ts';
import { asked, caller, model, modelFile, scanned, startSimulation, TENANT } from './setup.ts';

let harness: Harness;
let workbookId: string;
test.before(async () => {
  harness = await startSimulation();
  workbookId = await scanned(harness, modelFile(model));
});
test.after.always(() => harness?.close());

async function resultOf(id: string) {
  await harness.settle();
  const { status, body } = await harness.request(getSimulationResults, { id }, caller());
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

/** What the engine says on this machine, with nothing between. */
async function simulatedHere(id: string): Promise<unknown> {
  const { body } = await harness.request(getSimulation, { id }, caller());
  const read = await readWorkbook(modelFile(model));
  if (read.kind === 'refused') throw new Error(read.detail);
  const prepared = prepareRun(runRequestOf(readRequest(body.request)), read.workbook, KEPT_BYTES);
  if (prepared.kind === 'refused') throw new Error(prepared.detail);
  const { outputs } = await simulate({ ...prepared.run.settings, workers: 1 }, () => undefined);
  return outputs.map(writtenFigures);
}

const correlations = [{ first: 'Model!A1', second: 'Model!A3', rank: 0.6 }];
const requests: Record<string, Record<string, unknown>> = {
  'two portions': { paths: 140_000 },
  'Sobol paths': { paths: 16_000, sampling: 'sobol' },
  'rearranged samples': { paths: 16_000, correlations, copula: { kind: 'iman-conover' } },
  'a run that stops at a precision': {
    paths: 4_000_000,
    precision: { statistic: 'mean', halfWidth: 0.003, relative: true },
    outputs: ['Model!A5'],
  },
};
for (const [name, request] of Object.entries(requests)) {
  test.serial(`${name}: the job gives what one machine gives, to the last bit`, async (t) => {
    const id = await asked(harness, { workbookId, ...request });
    const result = await resultOf(id);
    t.deepEqual(result.outputs, await simulatedHere(id));
    t.true(result.paths === request.paths || result.stopped === 'precision');
  });
}

test.serial('a result names all that is needed to run it again, and running it again gives the same', async (t) => {
  const request = { workbookId, paths: 16_000, correlations, copula: { kind: 't', freedom: 4 } };
  const first = await resultOf(await asked(harness, request));
  const { seed, asOf } = first;
  const second = await resultOf(await asked(harness, { ...request, seed, asOf }));
  t.is(second.digest, first.digest);
  t.is(first.workbook.sha256.length, 64);
  t.is(first.copula, 't with 4 degrees of freedom');
  t.true(Math.abs(first.correlations[0].ranks[0][1] - 0.6) < 1e-12);
  t.is(first.engineVersion, second.engineVersion);
});

test.serial('a run is told of in order, and its document says how it ended', async (t) => {
  const id = await asked(harness, { workbookId, paths: 16_000 });
  const types = (await harness.settle()).filter(({ data }) => data.simulationId === id).map(({ type }) => type);
  t.deepEqual(
    types.filter((type) => type.startsWith('simulation.run.') && !type.endsWith('progressed')),
    ['simulation.run.queued', 'simulation.run.started', 'simulation.run.completed'],
  );
  const document = await (await documentStore()).doc(`organizations/${TENANT}/simulations/${id}`).get();
  t.like(document.data(), { state: 'completed', paths: 16_000, pathsDone: 16_000 });
});

test.serial('paths on which an output is an error are counted, told of and in no other figure', async (t) => {
  const errors = await scanned(harness, modelFile({ A1: 0.5, A2: '=SQRT(A1-0.25)' }));
  const request = { workbookId: errors, paths: 16_000, outputs: ['Model!A2'] };
  const drawn = [{ cell: 'Model!A1', distribution: 'uniform(0,1)' }];
  const result = await resultOf(await asked(harness, { ...request, inputs: drawn }));
  const [output] = result.outputs;
  t.true(Math.abs(output.errors / output.paths - 0.25) < 0.02);
  t.true(output.minimum >= 0);
  t.regex(result.warnings.join(' '), /Model!A2 is an error \(#NUM!\) on \d+ of 16000 paths/);
  t.deepEqual(output.errorKinds?.kinds, { '#NUM!': Math.min(2_000, output.errors) });
});

test.serial('what a run was drawn from is named with what it held', async (t) => {
  const data = await scanned(harness, modelFile({ A1: 0, A2: '=A1*2', C1: 3, C2: -1, C3: 8 }));
  const drawn = [{ cell: 'Model!A1', distribution: 'empirical(Model!C1:C3)' }];
  const id = await asked(harness, { workbookId: data, paths: 2_000, inputs: drawn, outputs: ['Model!A2'] });
  const { dataSnapshot } = await resultOf(id);
  t.like(dataSnapshot, [{ source: 'Model!C1:C3', values: 3 }]);
  t.is(dataSnapshot[0].sha256.length, 64);
});

test.serial('nothing of a run that is over is left in the bucket, among the portions or in the queue', async (t) => {
  await resultOf(await asked(harness, { workbookId, paths: 16_000 }));
  const [objects] = await new Storage().bucket(harness.config('simulation').variable('BUCKET_SIMULATION')).getFiles();
  t.deepEqual(objects, []);
  t.is((await harness.sql`select 1 from simulation.run_portions`).length, 0);
  t.is((await harness.sql`select 1 from simulation.simulation_queue`).length, 0);
});

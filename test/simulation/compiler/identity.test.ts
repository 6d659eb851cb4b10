import test from 'ava';
import { cellId } from '../../../functions/simulation/engine/compiler/cells.ts';
import { compileWorkbook } from '../../../functions/simulation/engine/compiler/compile.ts';
import { normal } from '../../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import type { DefinedName, Workbook } from '../../../functions/simulation/engine/workbook/model.ts';
import { moment } from '../recalculation/models.ts';
import { type GridCells, gridWorkbook } from '../support/grid-workbook.ts';

const model: GridCells = { A1: 0, A2: '=RAND()', B1: '=A1+A2+RAND()*RAND()' };

/** The streams of a model on the sheet `Model`, wherever that stands; rows are how far its cells were moved down. */
function streams(workbook: Workbook, rows = 0): string[] {
  const sheet = workbook.sheets.findIndex(({ name }) => name === 'Model' || name === 'Renamed');
  const input = { cell: cellId(sheet, rows, 0), distribution: normal(0, 1) };
  const output = cellId(sheet, rows, 1);
  const compiled = compileWorkbook(workbook, worksheetFunctions, [input], [output], [], moment);
  return compiled.columns.map(({ identity }) => identity);
}

const name = (text: string, reference: string, scope?: number): DefinedName => ({
  name: text,
  scope,
  text: reference,
  hidden: false,
});

test('a cell goes by its sheet and address, and several draws in it by their order in the text', (t) => {
  t.deepEqual(streams(gridWorkbook({ Model: model })), ['Model!A1', 'Model!A2', 'Model!B1', 'Model!B1#2']);
});

test('sheets and cells that come or go elsewhere change no stream', (t) => {
  const plain = streams(gridWorkbook({ Model: model }));
  t.deepEqual(streams(gridWorkbook({ Front: { A1: '=RAND()' }, Model: model, Back: { A1: 1 } })), plain);
  t.deepEqual(streams(gridWorkbook({ Model: { ...model, C7: '=RAND()', A9: 12 } })), plain);
  t.deepEqual(streams(gridWorkbook({ Model: { ...model, C7: '=RAND()', B1: '=C7*0+A1+A2+RAND()*RAND()' } })), [
    ...['Model!A1', 'Model!A2', 'Model!C7', 'Model!B1', 'Model!B1#2'],
  ]);
});

test('a sheet that is renamed changes the streams of its own cells only', (t) => {
  const renamed = streams(gridWorkbook({ Renamed: { ...model, B1: '=A1+Other!A1' }, Other: { A1: '=RAND()' } }));
  t.deepEqual(renamed, ['Renamed!A1', 'Other!A1']);
});

test('a cell with a defined name keeps its stream wherever rows are inserted', (t) => {
  const named = (workbook: Workbook, row: number): Workbook => ({
    ...workbook,
    definedNames: [name('price', `Model!$A$${row}`), name('shock', `Model!$A$${row + 1}`)],
  });
  const before = streams(named(gridWorkbook({ Model: model }), 1));
  t.deepEqual(before, ['price', 'shock', 'Model!B1', 'Model!B1#2']);
  const moved = { A3: 0, A4: '=RAND()', B3: '=A3+A4+RAND()*RAND()' };
  const after = streams(named(gridWorkbook({ Model: moved }), 3), 2);
  t.deepEqual(after, ['price', 'shock', 'Model!B3', 'Model!B3#2']);
});

test("of several names the workbook's comes first; names of ranges, and ones that move, name no cell", (t) => {
  const workbook: Workbook = {
    ...gridWorkbook({ Model: model }),
    definedNames: [
      name('own', 'Model!$A$1', 0),
      name('zebra', 'Model!$A$1'),
      name('inputs', 'Model!$A$1:$A$2'),
      name('beside', 'Model!A2'),
      name('local', 'Model!$A$2', 0),
    ],
  };
  t.deepEqual(streams(workbook).slice(0, 2), ['zebra', 'Model!local']);
});

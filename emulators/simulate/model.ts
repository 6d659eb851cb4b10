import { type CellId, cellId, positionOf } from '../../functions/simulation/engine/compiler/cells.ts';
import type {
  CompiledWorkbook,
  Coupling,
  RandomInput,
  RandomSeries,
} from '../../functions/simulation/engine/compiler/compile.ts';
import { compileWorkbook } from '../../functions/simulation/engine/compiler/compile.ts';
import { readDistribution, readProcess } from '../../functions/simulation/engine/compiler/distribution-text.ts';
import { copulaCouplings } from '../../functions/simulation/engine/correlation/coupling.ts';
import { worksheetFunctions } from '../../functions/simulation/engine/functions/registry.ts';
import { formatCell, parseCell, parseRange } from '../../functions/simulation/engine/workbook/address.ts';
import { cellKey, type Workbook } from '../../functions/simulation/engine/workbook/model.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './usage.ts';

/** Excel's serial number of 1 January 1970. */
const unixEpoch = 25_569;

/** A command line's model, and how its inputs are made to move together. */
export type PreparedModel = {
  readonly model: CompiledWorkbook;
  /** The correlations did not fit together and were replaced by the nearest that do. */
  readonly repaired: boolean;
  readonly rearranged: readonly Coupling[];
};

/** Matches a command line with a workbook and compiles what it asks for. */
export function compiledFrom(given: Arguments, workbook: Workbook): PreparedModel {
  const { inputs, series } = randomCells(given, workbook);
  const outputs = given.outputs.map((name) => cellNamed(workbook, name, '--output'));
  const inputPlace = (name: string) => {
    const place = inputs.findIndex(({ cell }) => cell === cellNamed(workbook, name, '--correlate'));
    if (place < 0) throw new UsageError(`--correlate takes inputs, and ${name} is none`);
    return place;
  };
  const { couplings, repaired } = copulaCouplings(
    given.correlations.map(({ first, second, rank }) => ({
      first: inputPlace(first),
      second: inputPlace(second),
      rank,
    })),
    given.copula.kind === 't' ? given.copula.freedom : undefined,
  );
  const rearranged = given.copula.kind === 'iman-conover' ? couplings : [];
  const mixed = rearranged.length > 0 ? [] : couplings;
  const moment = { now: Math.floor(Date.now() / 86_400_000) + unixEpoch, random: () => 0.5 };
  const model = compileWorkbook(workbook, worksheetFunctions, inputs, outputs, mixed, moment, series);
  return { model, repaired, rearranged };
}

function randomCells(given: Arguments, workbook: Workbook): { inputs: RandomInput[]; series: RandomSeries[] } {
  const inputs: RandomInput[] = [];
  const series: RandomSeries[] = [];
  const seen = new Set<CellId>();
  for (const { cell: name, distribution: text } of given.inputs) {
    const process = readProcess(text, workbook);
    const cells = process ? rangeNamed(workbook, name) : [cellNamed(workbook, name, '--input')];
    for (const cell of cells) {
      if (seen.has(cell)) throw new UsageError(`--input: ${name} is given twice`);
      seen.add(cell);
    }
    if (process) series.push({ cells, process });
    else for (const cell of cells) inputs.push({ cell, distribution: readDistribution(text, workbook) });
  }
  return { inputs, series };
}

/** "Model!B30", "'My sheet'!B30", a defined name, or a bare cell of the only sheet. */
function cellNamed(workbook: Workbook, text: string, option: string): CellId {
  const defined = workbook.definedNames.find(({ name }) => name.toUpperCase() === text.toUpperCase());
  const written = (defined?.text ?? text).replace(/^=/, '');
  const at = written.lastIndexOf('!');
  const name =
    at < 0
      ? undefined
      : written
          .slice(0, at)
          .replace(/^'(.*)'$/, '$1')
          .replaceAll("''", "'");
  const place = parseCell(written.slice(at + 1));
  const sheet =
    name === undefined && workbook.sheets.length === 1
      ? workbook.sheets[0]
      : workbook.sheets.find((candidate) => candidate.name.toUpperCase() === name?.toUpperCase());
  if (place === undefined) throw new UsageError(`${option}: "${text}" is no cell; write Sheet!A1`);
  if (sheet === undefined) {
    const names = workbook.sheets.map((candidate) => candidate.name).join(', ');
    throw new UsageError(`${option}: "${text}" names no sheet of this workbook, which has ${names}`);
  }
  const key = cellKey(place.row, place.column);
  if (!sheet.values.has(key) && !sheet.formulas.has(key)) throw new UsageError(`${option}: the cell ${text} is empty`);
  return cellId(sheet.index, place.row, place.column);
}

/** "Model!B30:B41": the cells of one row or column, for the steps of a price over time. */
function rangeNamed(workbook: Workbook, text: string): CellId[] {
  const at = text.lastIndexOf('!');
  const range = parseRange(text.slice(at + 1));
  if (range === undefined) throw new UsageError(`--input: "${text}" is no range of cells; write Sheet!A1:A12`);
  const [corner = ''] = text.slice(at + 1).split(':');
  const first = positionOf(cellNamed(workbook, `${text.slice(0, at + 1)}${corner}`, '--input'));
  const cells: CellId[] = [];
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) cells.push(cellId(first.sheet, row, column));
  }
  return cells;
}

/** The name under which an output that the command line names is reported. */
export function outputNamed(model: CompiledWorkbook, workbook: Workbook, text: string): string {
  const { sheet, row, column } = positionOf(cellNamed(workbook, text, '--threshold'));
  const name = `${workbook.sheets[sheet]?.name ?? ''}!${formatCell(row, column)}`;
  if (!model.outputs.includes(name)) throw new UsageError(`--threshold takes outputs, and ${text} is none`);
  return name;
}

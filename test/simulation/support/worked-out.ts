import { type CellPlace, WorkbookCalculation } from '../../../functions/simulation/engine/calculation/calculation.ts';
import { isError } from '../../../functions/simulation/engine/formula/value.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { parseCell, parseRange } from '../../../functions/simulation/engine/workbook/address.ts';
import {
  type CellValue,
  cellKey,
  type Formula,
  type Workbook,
} from '../../../functions/simulation/engine/workbook/model.ts';
import { type GridCells, gridWorkbook } from './grid-workbook.ts';

/** 15 March 2024, noon. */
const now = 45_366.5;

/** A workbook worked out once; errors show as their code. */
export function calculated(workbook: Workbook): WorkbookCalculation {
  const calculation = new WorkbookCalculation(workbook, worksheetFunctions, { now, random: () => 0.25 });
  calculation.recalculate();
  return calculation;
}

export function place(address: string, sheet = 0): CellPlace {
  const cell = parseCell(address);
  if (!cell) throw new Error(`${address} is no cell`);
  return { sheet, row: cell.row, column: cell.column };
}

export function shown(calculation: WorkbookCalculation, address: string, sheet = 0): Exclude<CellValue, object> {
  const value = calculation.value(place(address, sheet));
  return isError(value) ? value.error : value;
}

/** What a plain formula in Z100 shows beside the given cells of the first sheet. */
export function result(formula: string, cells: GridCells = {}): Exclude<CellValue, object> {
  return shown(calculated(gridWorkbook({ Sheet1: { ...cells, Z100: `=${formula}` } })), 'Z100');
}

/** What an array formula over a range shows, row by row. */
export function arrayResult(
  formula: string,
  range: string,
  cells: GridCells = {},
  dynamic = true,
): Exclude<CellValue, object>[][] {
  const ref = parseRange(range);
  if (!ref) throw new Error(`${range} is no range`);
  const workbook = withFormula(gridWorkbook({ Sheet1: { ...cells, Z100: 0 } }), cellKey(ref.top, ref.left), {
    kind: 'array',
    text: formula,
    ref,
    dynamic,
  });
  const calculation = calculated(workbook);
  return Array.from({ length: ref.bottom - ref.top + 1 }, (_, row) =>
    Array.from({ length: ref.right - ref.left + 1 }, (__, column) => {
      const value = calculation.value({ sheet: 0, row: ref.top + row, column: ref.left + column });
      return isError(value) ? value.error : value;
    }),
  );
}

/** The workbook with a formula of any kind put into its first sheet. */
export function withFormula(workbook: Workbook, key: number, formula: Formula): Workbook {
  const [first, ...others] = workbook.sheets;
  if (!first) return workbook;
  const formulas = new Map([...first.formulas.entries(), [key, formula] as const]);
  return { ...workbook, sheets: [{ ...first, formulas }, ...others] };
}

/** Whether two results agree: numbers to a relative 1e-9, or to the digits a source prints. */
export function near(actual: unknown, expected: unknown, relative = 1e-9): boolean {
  if (typeof actual !== 'number' || typeof expected !== 'number') return actual === expected;
  return Math.abs(actual - expected) <= relative * Math.max(Math.abs(actual), Math.abs(expected));
}

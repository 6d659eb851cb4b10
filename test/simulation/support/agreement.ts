import test from 'ava';
import type { GridCells } from './grid-workbook.ts';
import { near, result } from './worked-out.ts';

/** A formula, its value as Microsoft's reference prints it, and to what relative precision it prints it. */
export type Row = readonly [formula: string, value: number | string | boolean, precision?: number];

/** Declares a test that formulas, beside the given cells, give what they should. */
export function agreesWithReference(title: string, rows: readonly Row[], cells: GridCells = {}): void {
  test(`${title} give what Excel's reference gives`, (t) => {
    for (const [formula, value, precision = 1e-12] of rows) {
      const actual = result(formula, cells);
      t.true(near(actual, value, precision), `${formula} gives ${actual}, not ${value}`);
    }
  });
}

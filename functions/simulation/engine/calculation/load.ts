import type { Node } from '../formula/ast.ts';
import { parseFormula } from '../formula/parser.ts';
import { FormulaSyntaxError } from '../formula/tokenizer.ts';
import { keyColumn, keyRow, type Sheet } from '../workbook/model.ts';
import { eachCell, type FormulaCell } from './graph.ts';
import type { SheetState } from './sheet-state.ts';

/** An array formula over more cells than this is taken for a mistake, and only its own cell is worked out. */
const mostArrayCells = 4_000_000;

/** Puts a sheet's stored values and its formulas in place; what the formulas read is found later. */
export function loadSheet(sheet: Sheet, index: number, state: SheetState): FormulaCell[] {
  const cells: FormulaCell[] = [];
  for (const [key, value] of sheet.values.entries()) state.write(keyRow(key), keyColumn(key), value);
  for (const [key, formula] of sheet.formulas.entries()) {
    // A what-if table's results stay what the file holds.
    if (formula.kind === 'dataTable') continue;
    const row = keyRow(key);
    const column = keyColumn(key);
    const own = { top: row, left: column, bottom: row, right: column };
    const extent = formula.kind === 'array' && isSensible(formula.ref) ? formula.ref : own;
    const cell: FormulaCell = {
      sheet: index,
      row,
      column,
      text: formula.text,
      node: parsed(formula.text),
      kind: formula.kind === 'normal' ? 'normal' : formula.dynamic ? 'dynamic' : 'array',
      extent,
      ranges: [],
      dynamic: false,
      state: 'dirty',
      unsupported: undefined,
      volatile: false,
      circular: false,
    };
    cells.push(cell);
    eachCell(extent, (r, c) => {
      state.own(r, c, cell);
    });
  }
  return cells;
}

function isSensible({ top, left, bottom, right }: FormulaCell['extent']): boolean {
  return (bottom - top + 1) * (right - left + 1) <= mostArrayCells;
}

function parsed(text: string): Node | undefined {
  try {
    return parseFormula(text);
  } catch (error) {
    // The cell is named as unsupported when its turn comes.
    if (error instanceof FormulaSyntaxError) return undefined;
    throw error;
  }
}

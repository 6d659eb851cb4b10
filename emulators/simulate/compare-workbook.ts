import type { WorkbookCalculation } from '../../functions/simulation/engine/calculation/calculation.ts';
import type { FormulaCell } from '../../functions/simulation/engine/calculation/graph.ts';
import { columnLetters, tokenize } from '../../functions/simulation/engine/formula/tokenizer.ts';
import { isError } from '../../functions/simulation/engine/formula/value.ts';
import { type CellValue, cellKey, type Workbook } from '../../functions/simulation/engine/workbook/model.ts';

/** How a formula cell came out beside the value Excel stored. */
export type CellComparison = {
  readonly address: string;
  readonly outcome: 'equal' | 'different' | 'unsupported' | 'volatile';
  readonly formula: string;
  readonly functions: readonly string[];
  readonly stored: CellValue;
  readonly computed: CellValue;
  readonly feature: string | undefined;
};

export type Comparison = {
  readonly file: string;
  readonly refused: string | undefined;
  readonly cells: readonly CellComparison[];
};

/** Numbers agree to this relative difference. */
const tolerance = 1e-9;

/** Compares every cell that a formula fills and for which the file holds a value. */
export function compareWorkbook(workbook: Workbook, calculation: WorkbookCalculation): CellComparison[] {
  return calculation.formulas.flatMap((cell) => {
    const comparisons: CellComparison[] = [];
    const { top, left, bottom, right } = cell.extent;
    for (let row = top; row <= bottom; row += 1) {
      for (let column = left; column <= right; column += 1) {
        const stored = workbook.sheets[cell.sheet]?.values.get(cellKey(row, column)) ?? null;
        if (stored !== null) comparisons.push(compareCell(workbook, cell, row, column, stored, calculation));
      }
    }
    return comparisons;
  });
}

function compareCell(
  workbook: Workbook,
  cell: FormulaCell,
  row: number,
  column: number,
  stored: CellValue,
  calculation: WorkbookCalculation,
): CellComparison {
  const computed = calculation.value({ sheet: cell.sheet, row, column });
  return {
    address: `${workbook.sheets[cell.sheet]?.name}!${columnLetters(column)}${row + 1}`,
    outcome: outcomeOf(cell, stored, computed),
    formula: cell.text,
    functions: cell.node === undefined ? [] : functionsIn(cell.text),
    stored,
    computed,
    feature: cell.unsupported,
  };
}

function outcomeOf(cell: FormulaCell, stored: CellValue, computed: CellValue): CellComparison['outcome'] {
  if (cell.volatile) return 'volatile';
  // A function that Excel did not know either is #NAME? in the file, as it is here.
  if (agrees(stored, computed)) return 'equal';
  return cell.unsupported === undefined ? 'different' : 'unsupported';
}

function agrees(stored: CellValue, computed: CellValue): boolean {
  if (typeof stored === 'number' && typeof computed === 'number') {
    return Math.abs(stored - computed) <= tolerance * Math.max(Math.abs(stored), Math.abs(computed));
  }
  if (isError(stored) && isError(computed)) {
    // The file format spells the newer errors #VALUE!.
    const isNewer = ['#CALC!', '#SPILL!', '#FIELD!', '#BLOCKED!', '#CONNECT!'].includes(computed.error);
    return stored.error === computed.error || (stored.error === '#VALUE!' && isNewer);
  }
  return stored === computed;
}

function functionsIn(text: string): string[] {
  const names = tokenize(text).flatMap((token) =>
    token.kind === 'function' ? [token.name.replace(/^(_xlfn\.|_xlws\.)+/i, '').toUpperCase()] : [],
  );
  return [...new Set(names)];
}

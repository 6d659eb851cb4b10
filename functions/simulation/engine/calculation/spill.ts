import { elementAt } from '../formula/broadcast.ts';
import { type ArrayValue, failure, finite, isArray } from '../formula/value.ts';
import { type CellRange, type CellValue, cellKey, columnCount, rowCount } from '../workbook/model.ts';
import { eachCell, type FormulaCell } from './graph.ts';
import type { SheetState } from './sheet-state.ts';

/**
 * Writes a formula's result into the cells it fills. Gives the areas that a spilled array left or took where its
 * size changed: what reads those must be worked out again.
 */
export function store(cell: FormulaCell, result: CellValue | ArrayValue, state: SheetState): CellRange[] {
  const before = cell.extent;
  const { top, left } = before;
  const size = isArray(result) ? result : { rows: 1, columns: 1 };
  const wanted = { top, left, bottom: top + size.rows - 1, right: left + size.columns - 1 };
  const isMoved = cell.kind === 'dynamic' && (wanted.bottom !== before.bottom || wanted.right !== before.right);
  const isBlocked = isMoved && !resize(cell, wanted, state);
  eachCell(cell.extent, (row, column) => {
    if (isBlocked) state.write(row, column, failure('#SPILL!'));
    else state.write(row, column, shown(isArray(result) ? stretched(result, row - top, column - left) : result));
  });
  return isMoved ? [before, wanted] : [];
}

/** Lets a spilled array's area follow its result; false where cells that hold something else block it. */
function resize(cell: FormulaCell, wanted: CellRange, state: SheetState): boolean {
  const { top, left } = wanted;
  const isOwn = (row: number, column: number) => row === top && column === left;
  eachCell(cell.extent, (row, column) => {
    if (isOwn(row, column)) return;
    state.disown(row, column);
    state.write(row, column, null);
  });
  let isFree = wanted.bottom < rowCount && wanted.right < columnCount;
  if (isFree) {
    eachCell(wanted, (row, column) => {
      const isTaken = state.owners.has(cellKey(row, column)) || state.read(row, column) !== null;
      if (isTaken && !isOwn(row, column)) isFree = false;
    });
  }
  cell.extent = isFree ? wanted : { top, left, bottom: top, right: left };
  eachCell(cell.extent, (row, column) => {
    if (!isOwn(row, column)) state.own(row, column, cell);
  });
  return isFree;
}

/** A blank shows as 0, and what is no finite number as #NUM!. */
function shown(value: CellValue): CellValue {
  return typeof value === 'number' ? finite(value) : (value ?? 0);
}

/** An array formula entered over more cells than its result has: one row or column repeats, the rest is #N/A. */
function stretched(array: ArrayValue, row: number, column: number): CellValue {
  const element = elementAt(array, row, column);
  return element === undefined ? failure('#N/A') : element;
}

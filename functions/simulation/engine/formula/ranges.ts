import { type CellRange, type CellValue, columnCount, type ErrorValue, rowCount } from '../workbook/model.ts';
import type { Call } from './call.ts';
import type { ColumnIndex, IndexKey } from './column-index.ts';
import {
  type Area,
  type Argument,
  type ArrayValue,
  buildArray,
  isArray,
  isError,
  isLambda,
  isReference,
  type Reference,
  wrongName,
  wrongValue,
} from './value.ts';

/** A rectangle of values without a copy of them; past `usedRows` and `usedColumns` every cell is blank. */
export type Grid = {
  readonly rows: number;
  readonly columns: number;
  readonly usedRows: number;
  readonly usedColumns: number;
  readonly at: (row: number, column: number) => CellValue;
  /** Where equal values of a column stand, if that is known; `keyOf` is told apart from others by `kind`. */
  readonly index?: (
    column: number,
    kind: string,
    keyOf: (value: CellValue) => IndexKey | undefined,
  ) => ColumnIndex | undefined;
};

/** The rectangle an argument stands for; a scalar is one cell. A union of areas is #VALUE!. */
export function gridOf(argument: Argument, call: Call): Grid | ErrorValue {
  if (isReference(argument)) {
    const area = argument.areas[0];
    return area === undefined || argument.areas.length > 1 ? wrongValue : areaGrid(area, call);
  }
  if (isArray(argument)) return arrayGrid(argument);
  if (isLambda(argument)) return wrongValue;
  const value = argument ?? null;
  return { rows: 1, columns: 1, usedRows: 1, usedColumns: 1, at: () => value };
}

export function areaGrid(area: Area, call: Call): Grid {
  const { range, sheet } = area;
  const used = call.cells.used(sheet);
  const usedRows = used ? Math.max(0, Math.min(range.bottom, used.bottom) - range.top + 1) : 0;
  const { columnIndex } = call.cells;
  return {
    ...sizeOf(range),
    usedRows,
    usedColumns: used ? Math.max(0, Math.min(range.right, used.right) - range.left + 1) : 0,
    at: (row, column) => call.cells.value(sheet, range.top + row, range.left + column),
    ...(columnIndex && {
      index: (column, kind, keyOf) =>
        columnIndex(kind, { sheet, column: range.left + column, top: range.top, rows: usedRows }, keyOf),
    }),
  };
}

function arrayGrid(array: ArrayValue): Grid {
  return {
    rows: array.rows,
    columns: array.columns,
    usedRows: array.rows,
    usedColumns: array.columns,
    at: (row, column) => array.values[row * array.columns + column] ?? null,
  };
}

export function sizeOf(range: CellRange): { rows: number; columns: number } {
  return { rows: range.bottom - range.top + 1, columns: range.right - range.left + 1 };
}

/**
 * The values a reference names, as an array. Whole columns end after the longest sheet's last row, so that two of
 * them, even of different sheets, stay of one length.
 */
export function arrayFromReference(reference: Reference, call: Call): ArrayValue | ErrorValue {
  const area = reference.areas[0];
  if (area === undefined || reference.areas.length > 1) return wrongValue;
  const { range, sheet } = area;
  const limit = workbookLimit(call);
  const bottom = range.bottom === rowCount - 1 ? Math.max(range.top, limit.rows) : range.bottom;
  const right = range.right === columnCount - 1 ? Math.max(range.left, limit.columns) : range.right;
  return buildArray(bottom - range.top + 1, right - range.left + 1, (row, column) =>
    call.cells.value(sheet, range.top + row, range.left + column),
  );
}

function workbookLimit(call: Call): { rows: number; columns: number } {
  let rows = 0;
  let columns = 0;
  for (let sheet = 0; sheet < call.cells.sheetNames.length; sheet += 1) {
    const used = call.cells.used(sheet);
    rows = Math.max(rows, used?.bottom ?? 0);
    columns = Math.max(columns, used?.right ?? 0);
  }
  return { rows: Math.min(rows + 1, rowCount - 1), columns: Math.min(columns + 1, columnCount - 1) };
}

/** The one cell of a range in the formula's own row or column; #VALUE! where there is none. */
export function implicitIntersection(reference: Reference, call: Call): CellValue {
  const area = reference.areas[0];
  if (area === undefined || reference.areas.length > 1) return wrongValue;
  const place = intersectionCell(area, call);
  return place ? call.cells.value(area.sheet, place.row, place.column) : wrongValue;
}

export function intersectionCell(area: Area, call: Call): { row: number; column: number } | undefined {
  const { top, left, bottom, right } = area.range;
  const { row, column } = call.position;
  if (top === bottom && left === right) return { row: top, column: left };
  const inRows = row >= top && row <= bottom;
  const inColumns = column >= left && column <= right;
  if (left === right) return inRows ? { row, column: left } : undefined;
  if (top === bottom) return inColumns ? { row: top, column } : undefined;
  return inRows && inColumns ? { row, column } : undefined;
}

/** What an argument is where one value is expected: an array only where arrays are worked through. */
export function operandOf(argument: Argument, call: Call): CellValue | ArrayValue {
  if (isReference(argument)) {
    if (!call.arrays) return implicitIntersection(argument, call);
    const array = arrayFromReference(argument, call);
    return isError(array) ? array : single(array);
  }
  if (isArray(argument)) return single(argument);
  // A function named without its arguments is what Excel knows no name for.
  if (isLambda(argument)) return 'builtIn' in argument ? wrongName : wrongValue;
  return argument ?? null;
}

function single(array: ArrayValue): CellValue | ArrayValue {
  return array.rows === 1 && array.columns === 1 ? (array.values[0] ?? null) : array;
}

/** An argument's first value, as a cell shows it that cannot spill. */
export function topLeft(argument: Argument, call: Call): CellValue {
  const value = operandOf(argument, call);
  return isArray(value) ? (value.values[0] ?? null) : value;
}

/** Every value of an argument in reading order; blanks past a sheet's used range are left out. */
export function eachValue(argument: Argument, call: Call, visit: (value: CellValue, inRange: boolean) => void): void {
  if (isReference(argument)) {
    for (const area of argument.areas) eachOfGrid(areaGrid(area, call), (value) => visit(value, true));
  } else if (isArray(argument)) {
    for (const value of argument.values) visit(value, true);
  } else if (isLambda(argument)) {
    visit(wrongValue, false);
  } else {
    visit(argument ?? null, false);
  }
}

export function eachOfGrid(grid: Grid, visit: (value: CellValue, row: number, column: number) => void): void {
  for (let row = 0; row < grid.usedRows; row += 1) {
    for (let column = 0; column < grid.usedColumns; column += 1) visit(grid.at(row, column), row, column);
  }
}

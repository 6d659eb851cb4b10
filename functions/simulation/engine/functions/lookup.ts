import type { Call } from '../formula/call.ts';
import { indexKey } from '../formula/column-index.ts';
import {
  aLogical,
  aNumber,
  anArray,
  anInteger,
  anything,
  defaulted,
  type Family,
  lifted,
  optional,
  type Parameter,
} from '../formula/definition.ts';
import { type Grid, gridOf } from '../formula/ranges.ts';
import {
  type Argument,
  buildArray,
  isArray,
  isError,
  isReference,
  notAvailable,
  type Reference,
  type Value,
  wrongReference,
  wrongValue,
} from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { expressionOf } from './expressions.ts';
import {
  ascendingIndex,
  descendingIndex,
  equalTo,
  exactIndex,
  firstNotBefore,
  type Line,
  nearestIndex,
} from './search.ts';

export function rowLine(grid: Grid, row: number): Line {
  return { length: grid.columns, used: row < grid.usedRows ? grid.usedColumns : 0, at: (index) => grid.at(row, index) };
}

export function columnLine(grid: Grid, column: number): Line {
  return {
    length: grid.rows,
    used: column < grid.usedColumns ? grid.usedRows : 0,
    at: (index) => grid.at(index, column),
    index: grid.index && (() => grid.index?.(column, 'lookup', indexKey)),
  };
}

/** The only row or column of a grid; undefined where it has more of both. */
function lineOf(grid: Grid): Line | undefined {
  if (grid.columns === 1) return columnLine(grid, 0);
  return grid.rows === 1 ? rowLine(grid, 0) : undefined;
}

/** A lookup value that is an error ends the lookup; a blank one is 0. */
function sought(value: CellValue): CellValue {
  return value === null ? 0 : value;
}

function tableLookup(vertical: boolean) {
  return lifted(
    [anything, anArray, aNumber, optional(aLogical, true)],
    ({ value }, table, index, approximate, call): CellValue => {
      const grid = gridOf(table, call);
      if (isError(grid)) return grid;
      if (typeof table === 'string') return wrongValue;
      const wanted = sought(value);
      if (isError(wanted)) return wanted;
      const offset = Math.trunc(index) - 1;
      const keys = vertical ? columnLine(grid, 0) : rowLine(grid, 0);
      const place = approximate ? ascendingIndex(keys, wanted) : exactIndex(keys, wanted, true);
      if (place < 0) return notAvailable;
      if (offset < 0) return wrongValue;
      if (offset >= (vertical ? grid.columns : grid.rows)) return wrongReference;
      return (vertical ? grid.at(place, offset) : grid.at(offset, place)) ?? 0;
    },
  );
}

/** LOOKUP: by the longer side of an array, or by one vector into another. */
function vectorLookup({ value }: { value: CellValue }, keys: Argument, results: Argument, call: Call): CellValue {
  const grid = gridOf(keys, call);
  if (isError(grid)) return grid;
  const wanted = sought(value);
  if (isError(wanted)) return wanted;
  const across = grid.columns > grid.rows;
  const place = ascendingIndex(across ? rowLine(grid, 0) : columnLine(grid, 0), wanted);
  if (place < 0) return notAvailable;
  if (results === undefined) return (across ? grid.at(grid.rows - 1, place) : grid.at(place, grid.columns - 1)) ?? 0;
  const target = gridOf(results, call);
  if (isError(target)) return target;
  const line = lineOf(target);
  if (!line) return notAvailable;
  // A results vector that is too short reads on past its end where it is a range.
  return (place < line.length || isReference(results) ? line.at(place) : notAvailable) ?? 0;
}

function matchPosition({ value }: { value: CellValue }, range: Argument, type: number, call: Call): CellValue {
  const grid = gridOf(range, call);
  if (isError(grid)) return grid;
  const line = lineOf(grid);
  if (!line) return notAvailable;
  const wanted = sought(value);
  if (isError(wanted)) return wanted;
  const place =
    type === 0
      ? exactIndex(line, wanted, true)
      : type > 0
        ? ascendingIndex(line, wanted)
        : descendingMatch(line, wanted);
  return place < 0 ? notAvailable : place + 1;
}

/** Of equal values in a descending line MATCH finds the first that a walk from the top reaches. */
function descendingMatch(line: Line, wanted: CellValue): number {
  const exact = exactIndex(line, wanted, false);
  return exact >= 0 ? exact : descendingIndex(line, wanted);
}

/** The place that XLOOKUP's and XMATCH's match and search modes find; a modes' number out of range is #VALUE!. */
function modernIndex(line: Line, wanted: CellValue, match: number, search: number): number | typeof wrongValue {
  if (![-1, 0, 1, 2, 3].includes(match) || ![-2, -1, 1, 2].includes(search)) return wrongValue;
  if (match === 3) return expressionIndex(line, wanted, search);
  if (match === 2) return Math.abs(search) === 2 ? wrongValue : exactIndex(line, wanted, true, search === -1);
  if (wanted === null) return blankIndex(line, search === -1);
  if (Math.abs(search) === 2) return binaryIndex(line, wanted, match, search === 2);
  if (match === 0) return exactIndex(line, wanted, false, search === -1);
  return nearestIndex(line, wanted, match === -1 ? -1 : 1, search === -1);
}

/** The first (or last) text that a regular expression matches. */
function expressionIndex(line: Line, wanted: CellValue, search: number): number | typeof wrongValue {
  if (Math.abs(search) === 2) return wrongValue;
  if (typeof wanted !== 'string') return -1;
  const expression = expressionOf(wanted, 0);
  if (!expression) return wrongValue;
  for (let step = 0; step < line.used; step += 1) {
    const index = search < 0 ? line.used - 1 - step : step;
    const value = line.at(index);
    if (typeof value === 'string' && expression.test(value)) return index;
  }
  return -1;
}

/** A blank finds the first blank cell. */
function blankIndex(line: Line, backwards: boolean): number {
  if (!backwards && line.used < line.length) {
    for (let index = 0; index < line.used; index += 1) if (line.at(index) === null) return index;
    return line.used;
  }
  for (let index = line.length - 1; index >= 0; index -= 1) if (line.at(index) === null) return index;
  return -1;
}

function binaryIndex(line: Line, wanted: CellValue, match: number, ascending: boolean): number {
  const place = firstNotBefore(line, wanted, ascending);
  const isEqual = equalTo(wanted, false);
  if (place < line.used && isEqual(line.at(place))) {
    // Of equal values the one nearest to the smaller ones is found: the first upward, the last downward.
    let found = place;
    while (!ascending && found + 1 < line.used && isEqual(line.at(found + 1))) found += 1;
    return found;
  }
  if (match === 0) return -1;
  // Before the place lie the smaller values of an ascending line, and the larger ones of a descending one.
  if ((match === -1) === ascending) return place - 1;
  return place < line.used ? place : -1;
}

/** Anything but undefined for "not found": the argument is worked out only in that it may itself be an array. */
const replacement: Parameter<{ readonly value: Argument }> = {
  whole: true,
  optional: true,
  forcesArray: false,
  refusesRanges: false,
  absent: { value: undefined },
  read: (argument) => ({ value: argument }),
};

function modernLookup(
  { value }: { value: CellValue },
  keys: Argument,
  results: Argument,
  otherwise: { value: Argument },
  match: number,
  search: number,
  call: Call,
): Value {
  const grid = gridOf(keys, call);
  const target = gridOf(results, call);
  if (isError(grid)) return grid;
  if (isError(target)) return target;
  if (isError(value)) return value;
  const line = lineOf(grid);
  if (!line) return wrongValue;
  const vertical = grid.columns === 1 && (grid.rows > 1 || target.rows === 1);
  if (vertical ? grid.rows !== target.rows : grid.columns !== target.columns) return wrongValue;
  const place = modernIndex(line, value, match, search);
  if (isError(place)) return place;
  if (place < 0) return otherwise.value ?? notAvailable;
  return vertical ? slice(results, target, place, undefined) : slice(results, target, undefined, place);
}

/** One row or column of an argument (or both: one cell): of a range a reference, of an array its values. */
export function slice(argument: Argument, grid: Grid, row: number | undefined, column: number | undefined): Value {
  if (isReference(argument)) {
    const area = argument.areas[0];
    if (!area) return wrongReference;
    const { top, left, bottom, right } = area.range;
    const range = {
      top: row === undefined ? top : top + row,
      bottom: row === undefined ? bottom : top + row,
      left: column === undefined ? left : left + column,
      right: column === undefined ? right : left + column,
    };
    return { kind: 'reference', areas: [{ sheet: area.sheet, range }] };
  }
  if (row !== undefined && column !== undefined) return grid.at(row, column);
  if (!isArray(argument)) return argument ?? null;
  if (row === undefined && column === undefined) return argument;
  return row === undefined
    ? buildArray(grid.rows, 1, (at) => grid.at(at, column ?? 0))
    : buildArray(1, grid.columns, (_, at) => grid.at(row, at));
}

/** INDEX: row and column 0 (or left empty) stand for all; one number counts along a single row. */
function indexed(
  source: Argument,
  rowNumber: number,
  columnNumber: number | undefined,
  area: number,
  call: Call,
): Value {
  const chosen =
    isReference(source) && source.areas.length > 1 ? areaOf(source, area) : area === 1 ? source : wrongReference;
  const grid = gridOf(chosen, call);
  if (isError(grid)) return grid;
  let row = Math.trunc(rowNumber);
  let column = columnNumber === undefined ? undefined : Math.trunc(columnNumber);
  if (column === undefined && grid.rows === 1 && (grid.columns > 1 || row > 1)) {
    column = row;
    row = 1;
  }
  // Without a column number, INDEX takes the only column, or of an array the whole row.
  column ??= grid.columns === 1 ? 1 : 0;
  if (row < 0 || column < 0) return wrongValue;
  if (row > grid.rows || column > grid.columns) return wrongReference;
  return slice(chosen, grid, row === 0 ? undefined : row - 1, column === 0 ? undefined : column - 1);
}

function areaOf(source: Reference, number: number): Value {
  const area = source.areas[Math.trunc(number) - 1];
  return area ? { kind: 'reference', areas: [area] } : wrongReference;
}

export const lookup: Family = {
  VLOOKUP: tableLookup(true),
  HLOOKUP: tableLookup(false),
  LOOKUP: lifted([anything, anArray, optional(anArray, undefined)], vectorLookup),
  MATCH: lifted([anything, anArray, optional(aNumber, 1)], matchPosition),
  XMATCH: lifted(
    [anything, anArray, defaulted(anInteger, 0), defaulted(anInteger, 1)],
    ({ value }, range, match, search, call): CellValue => {
      const grid = gridOf(range, call);
      if (isError(grid)) return grid;
      if (isError(value)) return value;
      const line = lineOf(grid);
      if (!line) return wrongValue;
      const place = modernIndex(line, value, match, search);
      if (isError(place)) return place;
      return place < 0 ? notAvailable : place + 1;
    },
  ),
  XLOOKUP: lifted(
    [anything, anArray, anArray, replacement, defaulted(anInteger, 0), defaulted(anInteger, 1)],
    modernLookup,
  ),
  INDEX: lifted(
    [anArray, optional(aNumber, 0), optional<number | undefined>(aNumber, undefined), optional(aNumber, 1)],
    indexed,
  ),
};

import { broadcast } from '../formula/broadcast.ts';
import type { Call } from '../formula/call.ts';
import type { Definition, Family } from '../formula/definition.ts';
import { type Grid, gridOf, operandOf } from '../formula/ranges.ts';
import {
  type Argument,
  divisionByZero,
  isArray,
  isError,
  isReference,
  type Value,
  wrongValue,
} from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { type Criterion, criterionIndexKey, criterionOf } from './criteria.ts';
import { sum } from './numbers.ts';

type Pair = { readonly range: Argument; readonly criterion: Argument };
type Summary = (values: readonly CellValue[]) => CellValue;

/** Calls once for each element of the criteria, where these are arrays. */
function overCriteria(pairs: readonly Pair[], call: Call, once: (tests: readonly Criterion[]) => CellValue): Value {
  const criteria = pairs.map((pair) => operandOf(pair.criterion, call));
  if (!criteria.some(isArray)) return once(criteria.map((value) => criterionOf(isArray(value) ? null : value, call)));
  return broadcast(criteria, (values) => once(values.map((value) => criterionOf(value, call))));
}

/** The values of a target where every test holds in its own range; #VALUE! where ranges differ in size. */
function selected(
  target: Argument,
  pairs: readonly Pair[],
  tests: readonly Criterion[],
  call: Call,
): CellValue[] | ErrorValue {
  const grids: Grid[] = [];
  for (const pair of pairs) {
    const grid = gridOf(pair.range, call);
    if (isError(grid)) return grid;
    grids.push(grid);
  }
  const first = grids[0];
  if (!first) return wrongValue;
  const values = gridOf(target, call);
  if (isError(values)) return values;
  if ([...grids, values].some((grid) => grid.rows !== first.rows || grid.columns !== first.columns)) return wrongValue;
  const places = candidatePlaces(grids, tests, call);
  return places ? valuesAt(places, values, grids, tests) : matchingValues(values, grids, tests);
}

/** The places worth a look, where one of the criteria asks for a value that an index finds: those of the rarest. */
function candidatePlaces(
  grids: readonly Grid[],
  tests: readonly Criterion[],
  call: Call,
): Iterable<number> | undefined {
  let fewest = Number.POSITIVE_INFINITY;
  let places: Iterable<number> | undefined;
  for (const [at, grid] of grids.entries()) {
    const key = tests[at]?.key;
    if (key === undefined || grid.columns !== 1) continue;
    const index = grid.index?.(0, 'criterion', criterionIndexKey(call));
    if (!index || index.count(key) >= fewest) continue;
    fewest = index.count(key);
    places = index.places(key);
  }
  return places;
}

function valuesAt(
  places: Iterable<number>,
  values: Grid,
  grids: readonly Grid[],
  tests: readonly Criterion[],
): CellValue[] {
  const found: CellValue[] = [];
  for (const row of places) {
    if (grids.every((grid, index) => tests[index]?.holds(grid.at(row, 0)))) found.push(values.at(row, 0));
  }
  return found;
}

function matchingValues(values: Grid, grids: readonly Grid[], tests: readonly Criterion[]): CellValue[] {
  // Past the used range every cell is blank: one look tells whether all of those match.
  const rows = Math.max(values.usedRows, ...grids.map((grid) => grid.usedRows));
  const columns = Math.max(values.usedColumns, ...grids.map((grid) => grid.usedColumns));
  const found: CellValue[] = [];
  for (let row = 0; row < Math.min(rows, values.rows); row += 1) {
    for (let column = 0; column < Math.min(columns, values.columns); column += 1) {
      if (grids.every((grid, index) => tests[index]?.holds(grid.at(row, column)))) found.push(values.at(row, column));
    }
  }
  return found;
}

function blanksBeyond(grids: readonly Grid[], tests: readonly Criterion[]): number {
  const first = grids[0];
  if (!first || !tests.every((test) => test.holds(null))) return 0;
  const rows = Math.min(first.rows, Math.max(...grids.map((grid) => grid.usedRows)));
  const columns = Math.min(first.columns, Math.max(...grids.map((grid) => grid.usedColumns)));
  return first.rows * first.columns - rows * columns;
}

/** COUNTIFS: every pair is a range and a criterion. */
function countWhere(given: readonly Argument[], call: Call): Value {
  const pairs = pairsOf(given);
  if (isError(pairs)) return pairs;
  return overCriteria(pairs, call, (tests) => {
    const first = pairs[0];
    const found = first ? selected(first.range, pairs, tests, call) : wrongValue;
    if (isError(found)) return found;
    const grids = pairs.map((pair) => gridOf(pair.range, call)).filter((grid): grid is Grid => !isError(grid));
    return found.length + blanksBeyond(grids, tests);
  });
}

/** #VALUE! where a range is none; a range that is an error is what the call gives. */
function pairsOf(given: readonly Argument[]): Pair[] | ErrorValue {
  if (given.length % 2 !== 0) return wrongValue;
  const pairs: Pair[] = [];
  for (let index = 0; index < given.length; index += 2) {
    const range = given[index];
    if (isError(range)) return range;
    if (!isReference(range) && !isArray(range)) return wrongValue;
    pairs.push({ range, criterion: given[index + 1] });
  }
  return pairs;
}

/** SUMIFS and its kin: the target first, then pairs. */
function whereAll(summarise: Summary): Definition {
  return {
    minimum: 3,
    maximum: 255,
    forcesArray: () => false,
    call: (given, call) => {
      if (isError(given[0])) return given[0];
      const pairs = pairsOf(given.slice(1));
      if (isError(pairs)) return pairs;
      return overCriteria(pairs, call, (tests) => {
        const values = selected(given[0], pairs, tests, call);
        return isError(values) ? values : summarise(values);
      });
    },
  };
}

/** SUMIF and AVERAGEIF: the target comes last, and only its top left corner counts. */
function where(summarise: Summary): Definition {
  return {
    minimum: 2,
    maximum: 3,
    forcesArray: () => false,
    call: (given, call) => {
      const range = given[0];
      if (!isReference(range) && !isArray(range)) return isError(range) ? range : wrongValue;
      const target = given.length < 3 || given[2] === undefined ? range : resized(given[2], range);
      const pairs = [{ range, criterion: given[1] }];
      return overCriteria(pairs, call, (tests) => {
        const values = selected(target, pairs, tests, call);
        return isError(values) ? values : summarise(values);
      });
    },
  };
}

function resized(target: Argument, like: Argument): Argument {
  const area = isReference(target) ? target.areas[0] : undefined;
  const model = isReference(like) ? like.areas[0] : undefined;
  if (!area || !model) return target;
  const { top, left } = area.range;
  const bottom = top + model.range.bottom - model.range.top;
  const right = left + model.range.right - model.range.left;
  return { kind: 'reference', areas: [{ sheet: area.sheet, range: { top, left, bottom, right } }] };
}

/** Summaries take the numbers, and hand on the first error among what was selected. */
function ofNumbers(compute: (numbers: readonly number[]) => CellValue): Summary {
  return (values) => values.find(isError) ?? compute(values.filter((value) => typeof value === 'number'));
}

const total = ofNumbers(sum);
const average = ofNumbers((numbers) => (numbers.length === 0 ? divisionByZero : sum(numbers) / numbers.length));
const largest = ofNumbers((numbers) => numbers.reduce((most, value) => Math.max(most, value), numbers[0] ?? 0));
const smallest = ofNumbers((numbers) => numbers.reduce((least, value) => Math.min(least, value), numbers[0] ?? 0));

export const conditional: Family = {
  COUNTIF: { minimum: 2, maximum: 2, forcesArray: () => false, call: countWhere },
  COUNTIFS: { minimum: 2, maximum: 254, forcesArray: () => false, call: countWhere },
  SUMIF: where(total),
  AVERAGEIF: where(average),
  SUMIFS: whereAll(total),
  AVERAGEIFS: whereAll(average),
  MAXIFS: whereAll(largest),
  MINIFS: whereAll(smallest),
};

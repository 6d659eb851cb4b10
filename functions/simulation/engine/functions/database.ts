import type { Call } from '../formula/call.ts';
import { sameText } from '../formula/compare.ts';
import { anything, aRange, type Definition, type Family, lifted } from '../formula/definition.ts';
import { type Grid, gridOf } from '../formula/ranges.ts';
import { type Argument, divisionByZero, isError, wrongNumber, wrongValue } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { criterionTest, type Test, wildcardTest } from './criteria.ts';
import { sum } from './numbers.ts';
import { average, largest, populationVariance, rootOf, smallest, variance } from './statistics.ts';

/** The field's values in the rows that meet the criteria; without a field, one entry a row. */
function selected(database: Argument, field: CellValue, criteria: Argument, call: Call): CellValue[] | ErrorValue {
  const table = gridOf(database, call);
  const conditions = gridOf(criteria, call);
  if (isError(table)) return table;
  if (isError(conditions)) return conditions;
  if (table.rows < 2 || conditions.rows < 2) return wrongValue;
  const column = fieldColumn(table, field);
  if (isError(column)) return column;
  const tests = rowTests(table, conditions, call);
  const values: CellValue[] = [];
  for (let row = 1; row < table.usedRows; row += 1) {
    if (tests.some((test) => test(row))) values.push(column === undefined ? 1 : table.at(row, column));
  }
  return values;
}

function fieldColumn(table: Grid, field: CellValue): number | undefined | ErrorValue {
  if (field === null) return undefined;
  if (isError(field)) return field;
  if (typeof field === 'number') {
    const column = Math.trunc(field) - 1;
    return column < 0 || column >= table.columns ? wrongValue : column;
  }
  return columnNamed(table, String(field)) ?? wrongValue;
}

function columnNamed(table: Grid, name: string): number | undefined {
  for (let column = 0; column < table.columns; column += 1) {
    if (sameText(String(table.at(0, column) ?? ''), name)) return column;
  }
  return undefined;
}

/** Rows of criteria are alternatives; in one row all must hold, and a blank asks nothing. */
function rowTests(table: Grid, conditions: Grid, call: Call): ((row: number) => boolean)[] {
  const alternatives: ((row: number) => boolean)[] = [];
  for (let row = 1; row < conditions.rows; row += 1) {
    const parts: { column: number; test: Test }[] = [];
    let isPossible = true;
    for (let at = 0; at < conditions.columns; at += 1) {
      const criterion = conditions.at(row, at);
      if (criterion === null) continue;
      const column = columnNamed(table, String(conditions.at(0, at) ?? ''));
      if (column === undefined) isPossible = false;
      else parts.push({ column, test: databaseTest(criterion, call) });
    }
    alternatives.push(
      (candidate) => isPossible && parts.every(({ column, test }) => test(table.at(candidate, column))),
    );
  }
  return alternatives;
}

/** As COUNTIF's, but a plain text matches whatever begins with it. */
function databaseTest(criterion: CellValue, call: Call): Test {
  if (typeof criterion !== 'string' || /^(?:<|>|=)/.test(criterion)) return criterionTest(criterion, call);
  const asNumber = criterionTest(criterion, call);
  const begins = wildcardTest(`${criterion}*`);
  return (value) => (typeof value === 'string' ? begins(value) : asNumber(value));
}

function of(summarise: (values: readonly CellValue[]) => CellValue): Definition {
  return lifted([aRange, anything, aRange], (database, { value }, criteria, call) => {
    const values = selected(database, value, criteria, call);
    return isError(values) ? values : summarise(values);
  });
}

function ofNumbers(compute: (numbers: readonly number[]) => CellValue): Definition {
  return of((values) => values.find(isError) ?? compute(values.filter((value) => typeof value === 'number')));
}

export const database: Family = {
  DSUM: ofNumbers(sum),
  DAVERAGE: ofNumbers(average),
  DCOUNT: of((values) => values.filter((value) => typeof value === 'number').length),
  DCOUNTA: of((values) => values.filter((value) => value !== null).length),
  DMAX: ofNumbers(largest),
  DMIN: ofNumbers(smallest),
  DPRODUCT: ofNumbers((numbers) => (numbers.length === 0 ? 0 : numbers.reduce((product, value) => product * value, 1))),
  DSTDEV: ofNumbers(rootOf(variance)),
  DSTDEVP: ofNumbers(rootOf(populationVariance)),
  DVAR: ofNumbers(variance),
  DVARP: ofNumbers((numbers) => (numbers.length === 0 ? divisionByZero : populationVariance(numbers))),
  DGET: of((values) => (values.length === 0 ? wrongValue : values.length > 1 ? wrongNumber : (values[0] ?? 0))),
};

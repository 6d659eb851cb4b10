import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import { type Family, variadic } from '../formula/definition.ts';
import { areaGrid, eachValue, topLeft } from '../formula/ranges.ts';
import { type Argument, isError, isReference, wrongReference, wrongValue } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { sum } from './numbers.ts';
import { nthLargest, nthSmallest, percentile, percentileExclusive, quartile, quartileExclusive } from './order.ts';
import { average, largest, median, mode, populationVariance, rootOf, smallest, variance } from './statistics.ts';

type Summary = (numbers: readonly number[]) => CellValue;

/** SUBTOTAL's and AGGREGATE's functions 1 to 13; 2 and 3 count and are apart. */
const summaries: Readonly<Record<number, Summary>> = {
  1: average,
  4: largest,
  5: smallest,
  6: (numbers) => (numbers.length === 0 ? 0 : numbers.reduce((product, value) => product * value, 1)),
  7: rootOf(variance),
  8: rootOf(populationVariance),
  9: sum,
  10: variance,
  11: populationVariance,
  12: median,
  13: mode,
};

/** AGGREGATE's functions 14 to 19 take a number besides. */
const ranked: Readonly<Record<number, (numbers: readonly number[], k: number) => CellValue>> = {
  14: nthLargest,
  15: nthSmallest,
  16: percentile,
  17: quartile,
  18: percentileExclusive,
  19: quartileExclusive,
};

/** What a range's values are taken without: filtered rows and nested results always or never, hidden rows by choice. */
type Skips = { readonly nested: boolean; readonly filtered: boolean; readonly hidden: boolean };

function valuesOf(given: readonly Argument[], skips: Skips, call: Call): CellValue[] {
  const values: CellValue[] = [];
  for (const argument of given) {
    if (!isReference(argument)) {
      eachValue(argument, call, (value) => values.push(value));
      continue;
    }
    for (const { sheet, range } of argument.areas) {
      const grid = areaGrid({ sheet, range }, call);
      for (let row = 0; row < grid.usedRows; row += 1) {
        const state = call.cells.rowState(sheet, range.top + row);
        if ((state === 'filtered' && (skips.filtered || skips.hidden)) || (state === 'hidden' && skips.hidden))
          continue;
        for (let column = 0; column < grid.usedColumns; column += 1) {
          const text = call.cells.formulaText(sheet, range.top + row, range.left + column);
          if (skips.nested && text !== undefined && isNested(text)) continue;
          values.push(grid.at(row, column));
        }
      }
    }
  }
  return values;
}

function isNested(text: string): boolean {
  return /\b(?:SUBTOTAL|AGGREGATE)\(/i.test(text);
}

function summarised(number: number, values: readonly CellValue[], ignoresErrors: boolean): CellValue {
  if (number === 2) return values.filter((value) => typeof value === 'number').length;
  if (number === 3) return values.filter((value) => value !== null && !(ignoresErrors && isError(value))).length;
  const failed = ignoresErrors ? undefined : values.find(isError);
  const summary = summaries[number];
  if (!summary) return wrongValue;
  return failed ?? summary(values.filter((value) => typeof value === 'number'));
}

/** Filtered rows never count; numbers from 101 leave out those hidden by hand as well. */
function subtotal(given: readonly Argument[], call: Call): CellValue {
  const number = wholeOf(given[0], call);
  if (isError(number)) return number;
  const plain = number > 100 ? number - 100 : number;
  if (plain < 1 || plain > 11) return wrongValue;
  if (given.slice(1).some((argument) => !isReference(argument))) return given.slice(1).find(isError) ?? wrongValue;
  return summarised(
    plain,
    valuesOf(given.slice(1), { nested: true, filtered: true, hidden: number > 100 }, call),
    false,
  );
}

function aggregate(given: readonly Argument[], call: Call): CellValue {
  const number = wholeOf(given[0], call);
  const options = wholeOf(given[1], call);
  if (isError(number)) return number;
  if (isError(options)) return options;
  if (number < 1 || number > 19 || options < 0 || options > 7) return wrongValue;
  const skips = { nested: options <= 3, filtered: false, hidden: options % 2 === 1 };
  const ignoresErrors = options === 2 || options === 3 || options === 6 || options === 7;
  if (number <= 13) {
    if (given.slice(2).some((argument) => !isReference(argument))) return wrongValue;
    return summarised(number, valuesOf(given.slice(2), skips, call), ignoresErrors);
  }
  const values = valuesOf(given.slice(2, 3), skips, call);
  const failed = ignoresErrors ? undefined : values.find(isError);
  if (failed) return failed;
  if (given.length < 4) return wrongValue;
  const k = toNumber(topLeft(given[3], call), call.reading);
  if (isError(k)) return k;
  return (
    ranked[number]?.(
      values.filter((value) => typeof value === 'number'),
      k,
    ) ?? wrongReference
  );
}

function wholeOf(argument: Argument, call: Call): number | ErrorValue {
  const number = toNumber(topLeft(argument, call), call.reading);
  return isError(number) ? number : Math.trunc(number);
}

export const subtotals: Family = {
  SUBTOTAL: variadic(2, subtotal),
  AGGREGATE: { ...variadic(3, aggregate), forcesArray: (index) => index === 2 },
};

import type { Call } from '../formula/call.ts';
import { aLogical, aNumber, anArray, defaulted, type Family, lifted } from '../formula/definition.ts';
import {
  type Argument,
  arrayOf,
  divisionByZero,
  isError,
  notAvailable,
  type Value,
  wrongReference,
  wrongValue,
} from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { type Fit, fitted } from './least-squares.ts';
import { matrixOf, mean, numberPairs, squaredDeviations, sum } from './numbers.ts';

type Pairs = { readonly x: readonly number[]; readonly y: readonly number[] };

function productDeviations({ x, y }: Pairs): number {
  const meanX = mean(x);
  const meanY = mean(y);
  return sum(x.map((value, index) => (value - meanX) * ((y[index] ?? 0) - meanY)));
}

/** A statistic of two ranges of one size. */
function of(least: number, compute: (pairs: Pairs) => CellValue) {
  return lifted([anArray, anArray], (first, second, call) => {
    const pairs = numberPairs(first, second, call);
    if (isError(pairs)) return pairs;
    return pairs.x.length < least ? divisionByZero : compute(pairs);
  });
}

function correlation(pairs: Pairs): CellValue {
  const spread = Math.sqrt(squaredDeviations(pairs.x)) * Math.sqrt(squaredDeviations(pairs.y));
  return spread === 0 ? divisionByZero : productDeviations(pairs) / spread;
}

/** Known y's come first in these functions' arguments: `x` here holds them. */
function slope(pairs: Pairs): CellValue {
  const spread = squaredDeviations(pairs.y);
  return spread === 0 ? divisionByZero : productDeviations(pairs) / spread;
}

function intercept(pairs: Pairs): CellValue {
  const rise = slope(pairs);
  return typeof rise === 'number' ? mean(pairs.x) - rise * mean(pairs.y) : rise;
}

function standardError(pairs: Pairs): CellValue {
  const spread = squaredDeviations(pairs.y);
  if (spread === 0) return divisionByZero;
  const left = squaredDeviations(pairs.x) - productDeviations(pairs) ** 2 / spread;
  return Math.sqrt(Math.max(0, left) / (pairs.x.length - 2));
}

const forecast = lifted([aNumber, anArray, anArray], (x, knownY, knownX, call): CellValue => {
  const pairs = numberPairs(knownY, knownX, call);
  if (isError(pairs)) return pairs;
  if (pairs.x.length === 0) return divisionByZero;
  const rise = slope(pairs);
  return typeof rise === 'number' ? mean(pairs.x) + rise * (x - mean(pairs.y)) : rise;
});

type Table = readonly (readonly number[])[];
type Problem = { readonly fit: Fit; readonly across: boolean; readonly constant: boolean };

function tableOf(argument: Argument, call: Call): Table | ErrorValue {
  return matrixOf(argument, call) ?? wrongValue;
}

function transposed(table: Table): number[][] {
  return Array.from({ length: table[0]?.length ?? 0 }, (_, column) => table.map((row) => row[column] ?? 0));
}

/** Observations in rows, whichever way the sheet has them; without x's they are 1, 2, 3, … */
function problemOf(
  knownY: Argument,
  knownX: Argument,
  constant: boolean,
  logarithmic: boolean,
  call: Call,
): Problem | ErrorValue {
  const yTable = tableOf(knownY, call);
  if (isError(yTable)) return yTable;
  const across = yTable.length === 1 && (yTable[0]?.length ?? 0) > 1;
  const flat = yTable.flat();
  if (logarithmic && flat.some((value) => value <= 0)) return { error: '#NUM!' };
  const y = logarithmic ? flat.map(Math.log) : flat;
  const xs = observations(knownX, yTable, y.length, across, call);
  if (isError(xs)) return xs;
  const fit = fitted(xs, y, constant);
  return fit ? { fit, across, constant } : { error: '#NUM!' };
}

function observations(known: Argument, yTable: Table, count: number, across: boolean, call: Call): Table | ErrorValue {
  if (known === undefined) return Array.from({ length: count }, (_, index) => [index + 1]);
  const table = tableOf(known, call);
  if (isError(table)) return table;
  const isSameShape = table.length === yTable.length && table[0]?.length === yTable[0]?.length;
  if (isSameShape && table.length > 1 && (table[0]?.length ?? 0) > 1) return table.flat().map((value) => [value]);
  const rows = across ? transposed(table) : table;
  return rows.length === count ? rows : wrongReference;
}

/** LINEST's table: coefficients last to first, then what is known of their errors. */
function estimates(
  knownY: Argument,
  knownX: Argument,
  constant: boolean,
  more: boolean,
  logarithmic: boolean,
  call: Call,
): Value {
  const problem = problemOf(knownY, knownX, constant, logarithmic, call);
  if (isError(problem)) return problem;
  const { fit } = problem;
  const shown = (value: number) => (logarithmic ? Math.exp(value) : value);
  const coefficients = [
    ...fit.coefficients.map(shown).reverse(),
    constant ? shown(fit.intercept) : logarithmic ? 1 : 0,
  ];
  if (!more) return arrayOf([coefficients]);
  const pad = (values: readonly CellValue[]) => coefficients.map((_, index) => values[index] ?? notAvailable);
  const errors: CellValue[] = [...fit.errors].reverse();
  errors.push(constant ? fit.interceptError : notAvailable);
  const total = fit.regression + fit.residual;
  const freedom = fit.freedom;
  const f =
    fit.residual === 0 || freedom === 0
      ? { error: '#NUM!' as const }
      : fit.regression / fit.coefficients.length / (fit.residual / freedom);
  const spread = freedom === 0 ? 0 : Math.sqrt(fit.residual / freedom);
  return arrayOf([
    coefficients,
    pad(errors),
    pad([total === 0 ? 1 : fit.regression / total, spread]),
    pad([f, freedom]),
    pad([fit.regression, fit.residual]),
  ]);
}

function predicted(
  knownY: Argument,
  knownX: Argument,
  newX: Argument,
  constant: boolean,
  logarithmic: boolean,
  call: Call,
): Value {
  const problem = problemOf(knownY, knownX, constant, logarithmic, call);
  if (isError(problem)) return problem;
  const { fit, across } = problem;
  const single = fit.coefficients.length === 1;
  const source = newX ?? knownX;
  const table: Table | ErrorValue = source === undefined ? shapeLike(knownY, call) : tableOf(source, call);
  if (isError(table)) return table;
  const at = (values: readonly number[]) => {
    const value = fit.intercept + sum(values.map((x, index) => x * (fit.coefficients[index] ?? 0)));
    return logarithmic ? Math.exp(value) : value;
  };
  if (single) return arrayOf(table.map((row) => row.map((x) => at([x]))));
  if (across) return arrayOf([transposed(table).map(at)]);
  return arrayOf(table.map((row) => [at(row)]));
}

function shapeLike(knownY: Argument, call: Call): Table | ErrorValue {
  const table = tableOf(knownY, call);
  if (isError(table)) return table;
  const width = table[0]?.length ?? 0;
  return table.map((row, index) => row.map((_, column) => index * width + column + 1));
}

const known = defaulted<Argument>(anArray, undefined);
const flag = (absent: boolean) => defaulted(aLogical, absent);

export const regression: Family = {
  CORREL: of(1, correlation),
  PEARSON: of(1, correlation),
  RSQ: of(1, (pairs) => {
    const r = correlation(pairs);
    return typeof r === 'number' ? (pairs.x.length < 2 ? divisionByZero : r * r) : r;
  }),
  COVAR: of(1, (pairs) => productDeviations(pairs) / pairs.x.length),
  'COVARIANCE.P': of(1, (pairs) => productDeviations(pairs) / pairs.x.length),
  'COVARIANCE.S': of(2, (pairs) => productDeviations(pairs) / (pairs.x.length - 1)),
  SLOPE: of(2, slope),
  INTERCEPT: of(2, intercept),
  STEYX: of(3, standardError),
  FORECAST: forecast,
  'FORECAST.LINEAR': forecast,
  LINEST: lifted([anArray, known, flag(true), flag(false)], (y, x, constant, more, call) =>
    estimates(y, x, constant, more, false, call),
  ),
  LOGEST: lifted([anArray, known, flag(true), flag(false)], (y, x, constant, more, call) =>
    estimates(y, x, constant, more, true, call),
  ),
  TREND: lifted([anArray, known, known, flag(true)], (y, x, next, constant, call) =>
    predicted(y, x, next, constant, false, call),
  ),
  GROWTH: lifted([anArray, known, known, flag(true)], (y, x, next, constant, call) =>
    predicted(y, x, next, constant, true, call),
  ),
};

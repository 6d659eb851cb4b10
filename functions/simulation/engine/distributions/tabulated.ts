import type { Builder, Real } from '../kernel/builder.ts';
import type { Range } from '../kernel/interval.ts';
import { standardNormalCumulative } from './special-functions.ts';

/** Standard normals within which a quantile is kept; correlated ones beyond are taken as the end's. */
const normalReach = 8.5;
const degree = 7;
const nodes = Array.from({ length: degree + 1 }, (_, j) => Math.cos((Math.PI * (2 * j + 1)) / (2 * (degree + 1))));
const wantedError = 1e-11;
const finest = 256;

/**
 * A quantile without a closed form as polynomials of degree 7 in the standard normal, cell by cell, made by
 * interpolation and halved until two thirds of the way between its nodes it is right to 1e-11 relative (or to 1/256
 * of a deviation). Evaluating it is ten operations and eight look-ups, the same on every backend.
 *
 * @param quantile in terms of both tails, so that neither is rounded: p and 1 - p
 */
export function tabulatedQuantile(quantile: (p: number, complement: number) => number, range: Range) {
  const at = (z: number) => quantile(standardNormalCumulative(z), standardNormalCumulative(-z));
  return tabulatedFunction(at, normalReach, 1e-290, range);
}

/**
 * A smooth function of one number within `reach` of 0 as a table; its error is relative, below `floor` absolute. The
 * table is made when it is first asked for: a fit tries many distributions that are never sampled.
 */
export function tabulatedFunction(at: (x: number) => number, reach: number, floor: number, range: Range) {
  let made: Table | undefined;
  return (k: Builder, x: Real): Real => {
    made ??= tableOf(at, reach, floor);
    return evaluated(k, made.columns, reach, made.cells, x, range);
  };
}

type Table = { readonly columns: readonly Float64Array[]; readonly cells: number };

function tableOf(at: (x: number) => number, reach: number, floor: number): Table {
  let cells = 16;
  let columns = coefficientsOf(at, reach, cells);
  while (cells < finest && errorOf(at, columns, reach, floor, cells) > wantedError) {
    cells *= 2;
    columns = coefficientsOf(at, reach, cells);
  }
  return { columns, cells };
}

function coefficientsOf(at: (x: number) => number, reach: number, cells: number): Float64Array[] {
  const count = reach * 2 * cells;
  const table = Array.from({ length: degree + 1 }, () => new Float64Array(count));
  for (let cell = 0; cell < count; cell += 1) {
    const middle = -reach + (cell + 0.5) / cells;
    const values = nodes.map((node) => at(middle + node / (2 * cells)));
    monomials(values).forEach((coefficient, power) => {
      const column = table[power];
      if (column) column[cell] = coefficient;
    });
  }
  return table;
}

/** The interpolating polynomial in t of values at the Chebyshev nodes on [-1, 1]: Newton's differences, expanded. */
function monomials(values: readonly number[]): number[] {
  const differences = [...values];
  for (let order = 1; order <= degree; order += 1) {
    for (let j = degree; j >= order; j -= 1) {
      differences[j] =
        ((differences[j] ?? 0) - (differences[j - 1] ?? 0)) / ((nodes[j] ?? 0) - (nodes[j - order] ?? 0));
    }
  }
  let result: number[] = [differences[degree] ?? 0];
  for (let j = degree - 1; j >= 0; j -= 1) {
    const shifted = [0, ...result];
    result = shifted.map((value, power) => value - (nodes[j] ?? 0) * (result[power] ?? 0));
    result[0] = (result[0] ?? 0) + (differences[j] ?? 0);
  }
  return result;
}

function errorOf(
  at: (x: number) => number,
  table: readonly Float64Array[],
  reach: number,
  floor: number,
  cells: number,
): number {
  let worst = 0;
  const count = reach * 2 * cells;
  for (let cell = 0; cell < count; cell += Math.max(1, Math.floor(cells / 8))) {
    const t = 1 / 3;
    const wanted = at(-reach + (cell + 0.5) / cells + t / (2 * cells));
    const got = table.reduceRight((sum, column) => sum * t + (column[cell] ?? 0), 0);
    worst = Math.max(worst, Math.abs(got - wanted) / Math.max(Math.abs(wanted), floor));
  }
  return worst;
}

function evaluated(
  k: Builder,
  table: readonly Float64Array[],
  reach: number,
  cells: number,
  x: Real,
  range: Range,
): Real {
  const last = reach * 2 * cells - 1;
  const place = k.multiply(k.add(x, k.constant(reach)), k.constant(cells));
  const clipped = k.combine('least', k.combine('greatest', place, k.constant(0)), k.constant(last + 0.999_999));
  const cell = k.apply('floor', clipped);
  const t = k.subtract(k.multiply(k.constant(2), k.subtract(clipped, cell)), k.constant(1));
  const columns = table.map((column) => k.lookup(k.table(column), cell));
  const value = columns
    .slice(0, -1)
    .reduceRight<Real>((sum, coefficient) => k.add(k.multiply(sum, t), coefficient), columns.at(-1) ?? k.constant(0));
  const kept = k.combine('least', k.combine('greatest', value, k.constant(range.low)), k.constant(range.high));
  return k.bounded(kept, range);
}

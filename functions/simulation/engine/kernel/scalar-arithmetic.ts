import type { Condition, Real } from './builder.ts';
import { binary, unary } from './scalar.ts';

/**
 * The builder's arithmetic done at once on plain numbers, so that the functions written for compiled code can be used
 * for single values: the same operations in the same order, and so the same bits.
 */
export const scalars = {
  constant: (value: number) => value as Real,
  constantOf: (x: number): number | undefined => x,
  rangeOf: (x: number) => (Number.isFinite(x) ? { low: x, high: x } : { low: -Infinity, high: Infinity }),
  bounded: (x: Real) => x,
  mayFail: (x: Real) => !Number.isFinite(x),
  apply: (operation: Exclude<keyof typeof unary, 'not'>, x: Real) => unary[operation](x) as Real,
  combine: (operation: keyof typeof binary, x: Real, y: Real) => binary[operation](x, y) as Real,
  compare: (operation: 'equal' | 'less' | 'lessOrEqual', x: Real, y: Real) =>
    binary[operation](x, y) as number as Condition,
  select: (condition: Condition, whenTrue: Real, whenFalse: Real) =>
    (condition as number) === 1 ? whenTrue : whenFalse,
  add: (x: Real, y: Real) => (x + y) as Real,
  subtract: (x: Real, y: Real) => (x - y) as Real,
  multiply: (x: Real, y: Real) => (x * y) as Real,
  divide: (x: Real, y: Real) => (x / y) as Real,
};

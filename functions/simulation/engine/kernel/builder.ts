import { type Range, rangeOfBinary, rangeOfUnary, unbounded, union } from './interval.ts';
import { createPositionTable, operationHash } from './position-table.ts';
import type { Operation, Program } from './program.ts';
import { type BinaryOperation, binary, type UnaryOperation, unary } from './scalar.ts';

/** Positions of a double and of a condition in the program under construction; told apart by their type only. */
export type Real = number & { readonly real: unique symbol };
export type Condition = number & { readonly condition: unique symbol };

export type Builder = ReturnType<typeof createBuilder>;

/** What numerical functions are written in: the builder, or `scalars` for single numbers. */
export type Arithmetic = Pick<
  Builder,
  | 'constant'
  | 'constantOf'
  | 'rangeOf'
  | 'bounded'
  | 'mayFail'
  | 'apply'
  | 'combine'
  | 'compare'
  | 'select'
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
>;

type RealUnary = Exclude<UnaryOperation, 'not'>;
type RealBinary = Exclude<BinaryOperation, 'equal' | 'less' | 'lessOrEqual' | 'and' | 'or'>;
type Comparison = 'equal' | 'less' | 'lessOrEqual';

/**
 * Builds a program: equal operations are one, constants fold by the same arithmetic that runs, and every value carries
 * the range it can take, which decides where an error must be guarded against. A value whose range is bounded is never
 * an error.
 */
export function createBuilder() {
  const operations: Operation[] = [];
  const first: number[] = [];
  const second: number[] = [];
  const third: number[] = [];
  const constants: number[] = [];
  const ranges: Range[] = [];
  const tables: Float64Array[] = [];
  const constantPositions = new Map<number, number>();
  const known = createPositionTable();
  const operationNumbers = new Map<Operation, number>();
  let columns = 0;

  function place(operation: Operation, a: number, b: number, c: number, value: number, range: Range): number {
    operations.push(operation);
    first.push(a);
    second.push(b);
    third.push(c);
    constants.push(value);
    ranges.push(range);
    return operations.length - 1;
  }

  function numberOf(operation: Operation): number {
    const number = operationNumbers.get(operation) ?? operationNumbers.size;
    operationNumbers.set(operation, number);
    return number;
  }

  function shared(operation: Operation, a: number, b: number, c: number, range: () => Range): number {
    const hash = operationHash(numberOf(operation), a, b, c);
    const standing = known.find(
      hash,
      (at) => operations[at] === operation && first[at] === a && second[at] === b && third[at] === c,
    );
    if (standing >= 0) return standing;
    const position = place(operation, a, b, c, 0, range());
    known.add(hash, position);
    return position;
  }

  function constant(value: number): Real {
    const standing = Object.is(value, -0) ? undefined : constantPositions.get(value);
    if (standing !== undefined) return standing as Real;
    const range = Number.isFinite(value) ? { low: value, high: value } : unbounded;
    const position = place('constant', 0, 0, 0, value, range);
    if (!Object.is(value, -0)) constantPositions.set(value, position);
    return position as Real;
  }

  /** The number that a position always is, or undefined where it varies. */
  function constantOf(x: number): number | undefined {
    return operations[x] === 'constant' ? constants[x] : undefined;
  }

  function rangeOf(x: number): Range {
    return ranges[x] ?? unbounded;
  }

  /** The samples of column `number`, within the range its distribution can yield. */
  function column(number: number, range: Range): Real {
    columns = Math.max(columns, number + 1);
    return shared('column', number, 0, 0, () => range) as Real;
  }

  function apply(operation: RealUnary, x: Real): Real {
    const known = constantOf(x);
    if (known !== undefined) return constant(unary[operation](known));
    return shared(operation, x, 0, 0, () => rangeOfUnary(operation, rangeOf(x))) as Real;
  }

  function combine(operation: RealBinary, x: Real, y: Real): Real {
    const left = constantOf(x);
    const right = constantOf(y);
    if (left !== undefined && right !== undefined) return constant(binary[operation](left, right));
    const simpler = simplified(operation, x, y, left, right);
    if (simpler !== undefined) return simpler;
    return shared(operation, x, y, 0, () => rangeOfBinary(operation, rangeOf(x), rangeOf(y))) as Real;
  }

  function simplified(operation: RealBinary, x: Real, y: Real, left?: number, right?: number): Real | undefined {
    if (operation === 'add') return left === 0 ? y : right === 0 ? x : undefined;
    if (operation === 'subtract') return right === 0 ? x : undefined;
    if (operation === 'multiply') return left === 1 ? y : right === 1 ? x : undefined;
    if (operation === 'divide') return right === 1 ? x : undefined;
    return undefined;
  }

  function compare(operation: Comparison, x: Real, y: Real): Condition {
    const left = constantOf(x);
    const right = constantOf(y);
    if (left !== undefined && right !== undefined) return truth(binary[operation](left, right) === 1);
    return shared(operation, x, y, 0, () => unbounded) as Condition;
  }

  function truth(value: boolean): Condition {
    return compareConstants(value ? 0 : 1);
  }

  /** Conditions have no constants of their own: one that is known is a comparison of two constants. */
  function compareConstants(value: number): Condition {
    return shared('equal', constant(0), constant(value), 0, () => unbounded) as Condition;
  }

  /** Whether a condition is known while compiling; undefined where it depends on a sample. */
  function truthOf(condition: Condition): boolean | undefined {
    if (operations[condition] !== 'equal') return undefined;
    const left = constantOf(first[condition] ?? 0);
    const right = constantOf(second[condition] ?? 0);
    return left === undefined || right === undefined ? undefined : left === right;
  }

  function connect(operation: 'and' | 'or', x: Condition, y: Condition): Condition {
    const absorbing = operation === 'or';
    for (const [one, other] of [
      [x, y],
      [y, x],
    ] as const) {
      const known = truthOf(one);
      if (known !== undefined) return known === absorbing ? one : other;
    }
    return shared(operation, x, y, 0, () => unbounded) as Condition;
  }

  function not(x: Condition): Condition {
    const known = truthOf(x);
    return known === undefined ? (shared('not', x, 0, 0, () => unbounded) as Condition) : truth(!known);
  }

  function select(condition: Condition, whenTrue: Real, whenFalse: Real): Real {
    const known = truthOf(condition);
    if (known !== undefined) return known ? whenTrue : whenFalse;
    if (whenTrue === whenFalse) return whenTrue;
    return shared('select', condition, whenTrue, whenFalse, () => union(rangeOf(whenTrue), rangeOf(whenFalse))) as Real;
  }

  /** The numbers of a table, to be read by `lookup`. */
  function table(values: Float64Array): number {
    tables.push(values);
    return tables.length - 1;
  }

  /** `table[index]`, where the index is a whole number within the table for every path; NaN reads the first. */
  function lookup(number: number, index: Real): Real {
    const values = tables[number] ?? new Float64Array(1);
    const known = constantOf(index);
    if (known !== undefined) return constant(values[known] ?? Number.NaN);
    return shared('lookup', number, index, 0, () => rangeOfTable(values)) as Real;
  }

  /** States what is known of a value from outside the arithmetic: that an exponential is positive. */
  function bounded(x: Real, range: Range): Real {
    if (operations[x] !== 'constant') ranges[x] = range;
    return x;
  }

  /** Whether the value can be an error on some path. */
  function mayFail(x: Real): boolean {
    const { low, high } = rangeOf(x);
    return !(low > -Infinity && high < Infinity);
  }

  function finish(outputs: readonly Real[]): Program {
    return { operations, first, second, third, constants, tables, columns, outputs };
  }

  return {
    constant,
    column,
    constantOf,
    rangeOf,
    apply,
    combine,
    compare,
    truth,
    truthOf,
    connect,
    not,
    select,
    table,
    lookup,
    bounded,
    mayFail,
    finish,
    add: (x: Real, y: Real) => combine('add', x, y),
    subtract: (x: Real, y: Real) => combine('subtract', x, y),
    multiply: (x: Real, y: Real) => combine('multiply', x, y),
    divide: (x: Real, y: Real) => combine('divide', x, y),
  };
}

function rangeOfTable(values: Float64Array): Range {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) return unbounded;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

import type binaryen from 'binaryen';
import { isCondition, isUnary, type Operation, operandsOf, type Program } from './program.ts';
import { type BinaryOperation, mantissaOrigin, type UnaryOperation } from './scalar.ts';

type Module = binaryen.Module;
type Expression = binaryen.ExpressionRef;

/** Constants live in memory as pairs: V8 builds a v128.const from two moves and two inserts on every use. */
export type ConstantPool = {
  /** Where the pair of equal doubles lies; `bits` is a double's pattern. */
  readonly addressOf: (bits: bigint) => number;
};

/** A function's locals as they are handed out. */
export type Locals = { readonly types: number[]; readonly reserve: (type: number) => number };

/** The module under construction. */
export type Shared = {
  readonly binaryen: typeof binaryen;
  readonly module: Module;
  readonly pool: ConstantPool;
};

/** What a stretch of a program is lowered into. */
export type Target = Shared & {
  readonly locals: Locals;
  /** Two paths' values of a column. */
  readonly readColumn: (column: number) => Expression;
  /** Where a table begins in memory. */
  readonly tableAddress: (table: number) => number;
};

/** Longer chains of single-use values are cut by a local, or the tree would be too deep for recursive walks. */
const deepestTree = 40;

const bits = new BigUint64Array(1);
const asDouble = new Float64Array(bits.buffer);

/** A double's pattern. */
export function bitsOf(value: number): bigint {
  asDouble[0] = value;
  return bits[0] ?? 0n;
}

const originBits = (BigInt(mantissaOrigin.high) << 32n) | BigInt(mantissaOrigin.low);
const exponentOffset = 1024n << 52n;
const exponentMask = 0xfffn << 52n;
/** The pattern of 2^52: an integer below 2^52 in the low bits makes it 2^52 plus that integer. */
const integerMagic = 0x433n << 52n;

/** Locals numbered after a function's parameters. */
export function allocateLocals(parameters: number): Locals {
  const types: number[] = [];
  return {
    types,
    reserve: (type) => {
      types.push(type);
      return parameters + types.length - 1;
    },
  };
}

/** A pair of equal doubles (or integers) with this pattern. */
export function pooled(target: Shared, pattern: bigint): Expression {
  const { module } = target;
  return module.v128.load(target.pool.addressOf(pattern), 16, module.i32.const(0));
}

/**
 * Lowers the operations from `start` up to `end`, two paths to a vector. `outside` gives a value that an earlier
 * stretch computed. Gives the statements, in order, and a way to read any of the stretch's values after them.
 */
export function lower(
  target: Target,
  program: Program,
  start: number,
  end: number,
  uses: Int32Array,
  outside: (position: number) => Expression,
): { readonly statements: Expression[]; readonly read: (position: number) => Expression } {
  const statements: Expression[] = [];
  const trees = new Map<number, Expression>();
  const depths = new Map<number, number>();
  const homes = new Map<number, number>();

  function read(position: number): Expression {
    if (program.operations[position] === 'constant') return constantOf(target, program, position);
    if (position < start) return outside(position);
    const tree = trees.get(position);
    if (tree !== undefined) {
      trees.delete(position);
      return tree;
    }
    const home = homes.get(position);
    if (home === undefined) throw new Error(`value ${position} is used before it is made`);
    return target.module.local.get(home, target.binaryen.v128);
  }

  for (let position = start; position < end; position += 1) {
    const operation = program.operations[position];
    if (operation === undefined || operation === 'constant') continue;
    const operands = operandsOf(program, position);
    const depth = 1 + Math.max(0, ...operands.map((operand) => depths.get(operand) ?? 0));
    const expression = expressionOf(target, program, position, operation, operands.map(read));
    if (uses[position] === 1 && depth < deepestTree) {
      trees.set(position, expression);
      depths.set(position, depth);
    } else {
      const home = target.locals.reserve(target.binaryen.v128);
      homes.set(position, home);
      statements.push(target.module.local.set(home, expression));
    }
  }
  return { statements, read };
}

function constantOf(target: Target, program: Program, position: number): Expression {
  return pooled(target, bitsOf(program.constants[position] ?? 0));
}

function expressionOf(
  target: Target,
  program: Program,
  position: number,
  operation: Exclude<Operation, 'constant'>,
  [x = 0, y = 0, z = 0]: readonly Expression[],
): Expression {
  const { module } = target;
  if (operation === 'column') return target.readColumn(program.first[position] ?? 0);
  if (operation === 'select') return module.v128.bitselect(y, z, x);
  if (operation === 'lookup') return lookup(target, target.tableAddress(program.first[position] ?? 0), x);
  return isUnary(operation) ? unaryExpression(target, operation, x) : binaryExpression(module, operation, x, y);
}

function lookup(target: Target, address: number, index: Expression): Expression {
  const { module } = target;
  const lanes = target.locals.reserve(target.binaryen.v128);
  const whole = module.i32x4.trunc_sat_f64x2_u_zero(index);
  const offset = (lane: number) =>
    module.i32.shl(module.i32x4.extract_lane(module.local.get(lanes, target.binaryen.v128), lane), module.i32.const(3));
  const low = module.v128.load64_splat(address, 8, offset(0));
  return module.block(
    null,
    [module.local.set(lanes, whole), module.v128.load64_lane(address, 8, 1, offset(1), low)],
    target.binaryen.v128,
  );
}

function unaryExpression(target: Target, operation: UnaryOperation, x: Expression): Expression {
  const { f64x2, i64x2, v128, i32 } = target.module;
  switch (operation) {
    case 'negate':
      return f64x2.neg(x);
    case 'absolute':
      return f64x2.abs(x);
    case 'root':
      return f64x2.sqrt(x);
    case 'floor':
      return f64x2.floor(x);
    case 'ceiling':
      return f64x2.ceil(x);
    case 'truncate':
      return f64x2.trunc(x);
    case 'not':
      return v128.not(x);
    case 'exponent': {
      const field = i64x2.shr_u(i64x2.add(x, pooled(target, exponentOffset - originBits)), i32.const(52));
      return f64x2.sub(v128.or(field, pooled(target, integerMagic)), pooled(target, bitsOf(2 ** 52 + 1024)));
    }
    case 'mantissa': {
      const kept = target.locals.reserve(target.binaryen.v128);
      const { local } = target.module;
      const field = v128.and(
        i64x2.add(local.get(kept, target.binaryen.v128), pooled(target, exponentOffset - originBits)),
        pooled(target, exponentMask),
      );
      const shift = i64x2.sub(field, pooled(target, exponentOffset));
      return i64x2.sub(local.tee(kept, x, target.binaryen.v128), shift);
    }
    default:
      return operation satisfies never;
  }
}

function binaryExpression(module: Module, operation: BinaryOperation, x: Expression, y: Expression): Expression {
  const { f64x2, i64x2, v128, i32 } = module;
  switch (operation) {
    case 'add':
      return f64x2.add(x, y);
    case 'subtract':
      return f64x2.sub(x, y);
    case 'multiply':
      return f64x2.mul(x, y);
    case 'divide':
      return f64x2.div(x, y);
    case 'least':
      return f64x2.pmin(x, y);
    case 'greatest':
      return f64x2.pmax(x, y);
    case 'scale':
      return i64x2.add(x, i64x2.shl(y, i32.const(52)));
    case 'equal':
      return f64x2.eq(x, y);
    case 'less':
      return f64x2.lt(x, y);
    case 'lessOrEqual':
      return f64x2.le(x, y);
    case 'and':
      return v128.and(x, y);
    case 'or':
      return v128.or(x, y);
    default:
      return operation satisfies never;
  }
}

/** How often each value is read, outputs included. Conditions are never outputs. */
export function countUses(program: Program): Int32Array {
  const uses = new Int32Array(program.operations.length);
  for (let position = 0; position < uses.length; position += 1) {
    for (const operand of operandsOf(program, position)) uses[operand] = (uses[operand] ?? 0) + 1;
  }
  for (const output of program.outputs) {
    if (isCondition(program.operations[output] ?? 'constant')) throw new TypeError('a condition is no output');
    uses[output] = (uses[output] ?? 0) + 1;
  }
  return uses;
}

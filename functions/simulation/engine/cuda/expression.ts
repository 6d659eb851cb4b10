import { bitsOf } from '../kernel/lowering.ts';
import { isCondition, isUnary, type Operation, operandsOf, type Program } from '../kernel/program.ts';
import { type BinaryOperation, mantissaOrigin, type UnaryOperation } from '../kernel/scalar.ts';

const originBits = (BigInt(mantissaOrigin.high) << 32n) | BigInt(mantissaOrigin.low);

/**
 * The operations that C has no sign for, as kernel/scalar.ts means them, worked out on patterns: x's pattern less that of
 * the square root of a half has the exponent in its upper 12 bits.
 */
export const operationSource = `
FUNCTION int exponent_bits(double x) { return (int)((long long)(bits_of(x) - ${originBits}ull) >> 52); }
FUNCTION double exponent_of(double x) { return (double)exponent_bits(x); }
FUNCTION double mantissa_of(double x) { return double_of(bits_of(x) - ((u64)(long long)exponent_bits(x) << 52)); }
FUNCTION double scale(double x, double y) { return double_of(bits_of(x) + (bits_of(y) << 52)); }
FUNCTION double least(double x, double y) { return y < x ? y : x; }
FUNCTION double greatest(double x, double y) { return x < y ? y : x; }
FUNCTION double looked_up(const double* table, u32 length, double index) {
  if (!(index >= 1.0)) return table[0];
  return index < (double)length ? table[(u32)index] : double_of(0x7ff8000000000000ull);
}
`;

/** A double as C reads it back to the last bit. */
export function literal(value: number): string {
  const bits = bitsOf(value);
  const field = Number((bits >> 52n) & 0x7ffn);
  if (field === 0x7ff) return `double_of(0x${bits.toString(16)}ull)`;
  const fraction = (bits & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  const text = `0x${field === 0 ? 0 : 1}.${fraction.replace(/0+$/, '') || '0'}p${field === 0 ? -1022 : field - 1023}`;
  return bits >> 63n === 1n ? `(-${text})` : text;
}

/** Where a stretch of a program finds what it does not compute itself. */
export type Sources = {
  readonly column: (column: number) => string;
  readonly table: (table: number) => string;
  /** The name or the expression of another position's value. */
  readonly value: (position: number) => string;
};

/** One operation as a C declaration of the constant `name`. */
export function declaration(program: Program, position: number, name: string, sources: Sources): string {
  const operation = program.operations[position] ?? 'constant';
  return `const ${isCondition(operation) ? 'bool' : 'double'} ${name} = ${expression(program, position, operation, sources)};`;
}

function expression(program: Program, position: number, operation: Operation, sources: Sources): string {
  const [x = '', y = '', z = ''] = operandsOf(program, position).map(sources.value);
  const number = program.first[position] ?? 0;
  if (operation === 'constant') return literal(program.constants[position] ?? 0);
  if (operation === 'column') return sources.column(number);
  if (operation === 'select') return `${x} ? ${y} : ${z}`;
  if (operation === 'lookup')
    return `looked_up(${sources.table(number)}, ${program.tables[number]?.length ?? 0}u, ${x})`;
  return isUnary(operation) ? unaryExpression(operation, x) : binaryExpression(operation, x, y);
}

function unaryExpression(operation: UnaryOperation, x: string): string {
  const written: Record<UnaryOperation, string> = {
    negate: `-${x}`,
    absolute: `fabs(${x})`,
    root: `sqrt(${x})`,
    floor: `floor(${x})`,
    ceiling: `ceil(${x})`,
    truncate: `trunc(${x})`,
    exponent: `exponent_of(${x})`,
    mantissa: `mantissa_of(${x})`,
    not: `!${x}`,
  };
  return written[operation];
}

function binaryExpression(operation: BinaryOperation, x: string, y: string): string {
  const written: Record<BinaryOperation, string> = {
    add: `${x} + ${y}`,
    subtract: `${x} - ${y}`,
    multiply: `${x} * ${y}`,
    divide: `${x} / ${y}`,
    least: `least(${x}, ${y})`,
    greatest: `greatest(${x}, ${y})`,
    scale: `scale(${x}, ${y})`,
    equal: `${x} == ${y}`,
    less: `${x} < ${y}`,
    lessOrEqual: `${x} <= ${y}`,
    and: `${x} && ${y}`,
    or: `${x} || ${y}`,
  };
  return written[operation];
}

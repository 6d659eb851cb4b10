import type { BinaryOperation, UnaryOperation } from './scalar.ts';

/**
 * The typed intermediate form: one straight line of operations without side effects, each naming earlier ones by their
 * position. Values are doubles or conditions; the builder keeps them apart. An error (#DIV/0!, #NUM!, …) is any value
 * that is not finite, and stays one until the outputs, where it is counted.
 */
export type Operation = UnaryOperation | BinaryOperation | 'constant' | 'column' | 'select' | 'lookup';

export type Program = {
  /** Position by position: the operation, and its operands (positions; the column's or the table's number). */
  readonly operations: readonly Operation[];
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly third: readonly number[];
  /** The value of each `constant`; 0 elsewhere. */
  readonly constants: readonly number[];
  /** What `lookup` reads: table number in `first`, position of the index (a whole number in range) in `second`. */
  readonly tables: readonly Float64Array[];
  /** How many columns of samples it reads. */
  readonly columns: number;
  /** The positions whose values are wanted. */
  readonly outputs: readonly number[];
};

/** The positions that an operation reads. */
export function operandsOf(program: Program, position: number): number[] {
  const operation = program.operations[position];
  const first = program.first[position] ?? 0;
  const second = program.second[position] ?? 0;
  switch (operation) {
    case undefined:
    case 'constant':
    case 'column':
      return [];
    case 'lookup':
      return [second];
    case 'select':
      return [first, second, program.third[position] ?? 0];
    default:
      return isUnary(operation) ? [first] : [first, second];
  }
}

const unaryNames: ReadonlySet<string> = new Set<UnaryOperation>([
  'negate',
  'absolute',
  'root',
  'floor',
  'ceiling',
  'truncate',
  'exponent',
  'mantissa',
  'not',
]);

export function isUnary(operation: Operation): operation is UnaryOperation {
  return unaryNames.has(operation);
}

const conditionNames: ReadonlySet<Operation> = new Set<Operation>(['equal', 'less', 'lessOrEqual', 'and', 'or', 'not']);

/** Whether the operation yields a condition rather than a double. */
export function isCondition(operation: Operation): boolean {
  return conditionNames.has(operation);
}

/**
 * The program without what no output needs, positions renumbered in order. Columns and tables keep their numbers, so
 * that the samples of an input stay where they are.
 */
export function pruned(program: Program): Program {
  const needed = new Uint8Array(program.operations.length);
  for (const output of program.outputs) needed[output] = 1;
  for (let position = program.operations.length - 1; position >= 0; position -= 1) {
    if (needed[position] !== 1) continue;
    for (const operand of operandsOf(program, position)) needed[operand] = 1;
  }
  const renumbered = new Int32Array(program.operations.length);
  const operations: Operation[] = [];
  const first: number[] = [];
  const second: number[] = [];
  const third: number[] = [];
  const constants: number[] = [];
  for (let position = 0; position < needed.length; position += 1) {
    const operation = program.operations[position];
    if (needed[position] !== 1 || operation === undefined) continue;
    renumbered[position] = operations.length;
    const at = (operand: number | undefined) => renumbered[operand ?? 0] ?? 0;
    const leaf = operation === 'constant' || operation === 'column' || operation === 'lookup';
    operations.push(operation);
    first.push(leaf ? (program.first[position] ?? 0) : at(program.first[position]));
    second.push(at(program.second[position]));
    third.push(at(program.third[position]));
    constants.push(program.constants[position] ?? 0);
  }
  const outputs = program.outputs.map((output) => renumbered[output] ?? 0);
  return { ...program, operations, first, second, third, constants, outputs };
}

import { countUses } from '../kernel/lowering.ts';
import { centralHalfWidth } from '../kernel/normal.ts';
import { type Operation, operandsOf, type Program, pruned } from '../kernel/program.ts';
import { quantileProgram } from '../kernel/quantile-programs.ts';
import type { SampledColumn } from '../sampling/sampler.ts';
import type { Mode } from './gpu.ts';

/** What one path costs. */
export type PathWork = {
  /** Additions, subtractions, multiplications, divisions and roots of doubles, as peaks are stated in. */
  readonly operations: number;
  /** Instructions of the units for doubles; a division or a root is many, a fused pair is one. */
  readonly instructions: number;
};

/**
 * Instructions on doubles that an operation becomes, counted in machine code of nvcc 13.0 for sm_90: a division and a
 * root on their short ways; floor and its kin run elsewhere.
 */
const instructionsOf: Readonly<Partial<Record<Operation, number>>> = {
  add: 1,
  subtract: 1,
  multiply: 1,
  divide: 9,
  root: 8,
  least: 1,
  greatest: 1,
  equal: 1,
  less: 1,
  lessOrEqual: 1,
};

const counted: ReadonlySet<Operation> = new Set(['add', 'subtract', 'multiply', 'divide', 'root']);

/** A uniform, and the question whether it lies in the tails. */
const drawing: PathWork = { operations: 2, instructions: 3 };
/** An output's place in its chunk's moments and in its sketch: reduction-source.ts. */
const reducing: PathWork = { operations: 11, instructions: 17 };

/** What a path of independent samples costs, of a model whose first outputs are counted and nothing is kept. */
export function pathWork(source: Program, columns: readonly SampledColumn[], outputs: number, mode: Mode): PathWork {
  const program = pruned({ ...source, outputs: source.outputs.slice(0, outputs) });
  const central = programWork(quantileProgram('central'), mode);
  const tail = together([
    [programWork(quantileProgram('depth'), mode), 1],
    [programWork(quantileProgram('tail'), mode), 1],
  ]);
  const normals = columns.filter(({ from }) => from === 'normal').length;
  return together([
    [programWork(program, mode), 1],
    [drawing, columns.length],
    [central, normals],
    [tail, normals * (1 - 2 * centralHalfWidth)],
    [reducing, outputs],
  ]);
}

function together(parts: readonly (readonly [PathWork, number])[]): PathWork {
  const sum = (part: (work: PathWork) => number) =>
    parts.reduce((total, [work, times]) => total + part(work) * times, 0);
  return { operations: sum((work) => work.operations), instructions: sum((work) => work.instructions) };
}

function programWork(program: Program, mode: Mode): PathWork {
  const uses = countUses(program);
  let operations = 0;
  let instructions = 0;
  for (const [position, operation] of program.operations.entries()) {
    if (counted.has(operation)) operations += 1;
    instructions += instructionsOf[operation] ?? 0;
    if (mode === 'fast' && fuses(program, position, uses)) instructions -= 1;
  }
  return { operations, instructions };
}

/** An addition takes in a product that nothing else reads. */
function fuses(program: Program, position: number, uses: Int32Array): boolean {
  const operation = program.operations[position];
  if (operation !== 'add' && operation !== 'subtract') return false;
  return operandsOf(program, position).some(
    (operand) => program.operations[operand] === 'multiply' && uses[operand] === 1,
  );
}

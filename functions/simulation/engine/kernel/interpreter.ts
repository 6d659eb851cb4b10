import { operandsOf, type Program, pruned } from './program.ts';
import { binary, unary } from './scalar.ts';

/** Above this many numbers in working memory, fewer paths are taken at a time. */
const workingNumbers = 4_000_000;

/**
 * Runs a program over columns of samples in plain JavaScript, an operation at a time over a block of paths: the oracle
 * that compiled code is compared with. Gives one array of `paths` values for each output.
 */
export function interpret(source: Program, columns: readonly Float64Array[], paths: number): Float64Array[] {
  const program = pruned(source);
  const size = program.operations.length;
  const block = Math.max(1, Math.min(256, paths, Math.floor(workingNumbers / Math.max(1, size))));
  const values = Array.from({ length: size }, () => new Float64Array(block));
  const results = program.outputs.map(() => new Float64Array(paths));
  fillConstants(program, values);
  for (let start = 0; start < paths; start += block) {
    const count = Math.min(block, paths - start);
    for (let position = 0; position < size; position += 1) step(program, position, values, columns, start, count);
    program.outputs.forEach((output, index) => {
      const from = values[output];
      if (from) results[index]?.set(from.subarray(0, count), start);
    });
  }
  return results;
}

function fillConstants(program: Program, values: readonly Float64Array[]): void {
  program.operations.forEach((operation, position) => {
    if (operation === 'constant') values[position]?.fill(program.constants[position] ?? 0);
  });
}

function step(
  program: Program,
  position: number,
  values: readonly Float64Array[],
  columns: readonly Float64Array[],
  start: number,
  count: number,
): void {
  const operation = program.operations[position];
  const target = values[position];
  if (target === undefined || operation === undefined || operation === 'constant') return;
  if (operation === 'column') {
    const column = columns[program.first[position] ?? 0];
    if (column === undefined) throw new RangeError(`column ${program.first[position]} has no samples`);
    target.set(column.subarray(start, start + count));
    return;
  }
  const [x = target, y = x, z = y] = operandsOf(program, position).map((operand) => values[operand]);
  if (operation === 'lookup') {
    const table = program.tables[program.first[position] ?? 0];
    for (let path = 0; path < count; path += 1) target[path] = table?.[Math.trunc(x[path] ?? 0) || 0] ?? Number.NaN;
  } else if (operation === 'select') {
    for (let path = 0; path < count; path += 1) target[path] = (x[path] === 1 ? y[path] : z[path]) ?? 0;
  } else if (operation in unary) {
    const apply = unary[operation as keyof typeof unary];
    for (let path = 0; path < count; path += 1) target[path] = apply(x[path] ?? 0);
  } else {
    const apply = binary[operation as keyof typeof binary];
    for (let path = 0; path < count; path += 1) target[path] = apply(x[path] ?? 0, y[path] ?? 0);
  }
}

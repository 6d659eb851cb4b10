import { partSize, spilledValues } from '../kernel/parts.ts';
import { isCondition, type Program } from '../kernel/program.ts';
import { declaration, type Sources } from './expression.ts';
import { valueName } from './function-source.ts';

/** A model's C, and how many doubles a thread keeps between its parts. */
export type ModelSource = { readonly text: string; readonly spilled: number };

const parameters =
  'const double* samples, const double* tables, double* spilled, double* results, u64 stride, u32 stored';

/**
 * A pruned program as the function `model`, which reads one path's samples and stores its outputs; of these the first
 * `counted` always and the others where the run keeps them. A long program is a chain of functions, and what a later
 * one reads lies in memory between them.
 */
export function modelSource(program: Program, counted: number): ModelSource {
  let spilled = 0;
  const places = spilledValues(program, () => spilled++);
  const offsets = tableOffsets(program);
  const parts: string[] = [];
  for (let start = 0; start < program.operations.length; start += partSize) {
    parts.push(
      partBody(program, counted, places, offsets, start, Math.min(program.operations.length, start + partSize)),
    );
  }
  return { text: assembled(parts), spilled };
}

function assembled(parts: readonly string[]): string {
  const [only = ''] = parts;
  if (parts.length <= 1) return `FUNCTION void model(${parameters}) {\n${only}}\n`;
  const functions = parts.map((body, part) => `PART void part${part}(${parameters}) {\n${body}}\n`);
  const calls = parts.map((_, part) => `  part${part}(samples, tables, spilled, results, stride, stored);\n`);
  return `${functions.join('')}FUNCTION void model(${parameters}) {\n${calls.join('')}}\n`;
}

function partBody(
  program: Program,
  counted: number,
  places: ReadonlyMap<number, number>,
  offsets: readonly number[],
  start: number,
  end: number,
): string {
  const sources: Sources = {
    column: (column) => `samples[${column}u * TILE]`,
    table: (table) => `tables + ${offsets[table] ?? 0}u`,
    value: (position) => {
      if (position >= start || program.operations[position] === 'constant') return valueName(program, position);
      const place = `spilled[${places.get(position) ?? 0}u * THREADS]`;
      return isCondition(program.operations[position] ?? 'constant') ? `(${place} != 0.0)` : place;
    },
  };
  const outputs = outputsByPosition(program);
  const lines: string[] = [];
  for (let position = start; position < end; position += 1) {
    const name = valueName(program, position);
    if (program.operations[position] !== 'constant') lines.push(declaration(program, position, name, sources));
    const place = places.get(position);
    if (place !== undefined) lines.push(`spilled[${place}u * THREADS] = ${name};`);
    for (const output of outputs.get(position) ?? []) {
      const condition = output < counted ? '' : `if (stored > ${output}u) `;
      lines.push(`${condition}results[${output}u * stride] = ${name};`);
    }
  }
  return lines.map((line) => `  ${line}\n`).join('');
}

function outputsByPosition(program: Program): Map<number, number[]> {
  const outputs = new Map<number, number[]>();
  program.outputs.forEach((position, output) => {
    outputs.set(position, [...(outputs.get(position) ?? []), output]);
  });
  return outputs;
}

/** Where each table begins among all of them in a row. */
function tableOffsets(program: Program): number[] {
  let next = 0;
  return program.tables.map((values) => {
    const offset = next;
    next += values.length;
    return offset;
  });
}

import { operandsOf, type Program } from '../kernel/program.ts';
import { declaration, literal, type Sources } from './expression.ts';

/** Names of a stretch's values: constants are written where they are used. */
export function valueName(program: Program, position: number): string {
  return program.operations[position] === 'constant' ? literal(program.constants[position] ?? 0) : `v${position}`;
}

/** A program of one output as a C function of its columns. */
export function functionSource(name: string, parameters: readonly string[], program: Program): string {
  const sources: Sources = {
    column: (column) => parameters[column] ?? '',
    table: () => '',
    value: (position) => valueName(program, position),
  };
  const needed = neededPositions(program);
  const lines = needed.map((position) => `  ${declaration(program, position, `v${position}`, sources)}`);
  const given = parameters.map((parameter) => `double ${parameter}`).join(', ');
  return `FUNCTION double ${name}(${given}) {\n${lines.join('\n')}\n  return ${valueName(program, program.outputs[0] ?? 0)};\n}\n`;
}

function neededPositions(program: Program): number[] {
  const needed = new Set(program.outputs);
  for (let position = program.operations.length - 1; position >= 0; position -= 1) {
    if (needed.has(position)) for (const operand of operandsOf(program, position)) needed.add(operand);
  }
  return [...needed].filter((position) => program.operations[position] !== 'constant').sort((a, b) => a - b);
}

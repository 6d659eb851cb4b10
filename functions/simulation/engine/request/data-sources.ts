import { createHash } from 'node:crypto';
import type { Node, ReferenceNode } from '../formula/ast.ts';
import { parseFormula } from '../formula/parser.ts';
import { FormulaSyntaxError } from '../formula/tokenizer.ts';
import { formatCell } from '../workbook/address.ts';
import { cellKey, type Workbook } from '../workbook/model.ts';

/** A range of the workbook that an input is drawn from, and what it held. */
export type DataSource = {
  readonly source: string;
  /** How many numbers. */
  readonly values: number;
  /** Of the numbers as little-endian doubles, row by row. */
  readonly sha256: string;
};

/** The ranges that distributions name, once each, in the order of their first naming. */
export function dataSources(distributions: readonly string[], workbook: Workbook): DataSource[] {
  const found = new Map<string, DataSource>();
  for (const text of distributions) {
    for (const reference of referencesIn(text)) {
      const source = sourceOf(reference, workbook);
      if (source !== undefined && !found.has(source.source)) found.set(source.source, source);
    }
  }
  return [...found.values()];
}

function referencesIn(text: string): ReferenceNode[] {
  try {
    return references(parseFormula(text));
  } catch (error) {
    if (error instanceof FormulaSyntaxError) return [];
    throw error;
  }
}

function references(node: Node): ReferenceNode[] {
  if (node.kind === 'reference') return [node];
  if (node.kind === 'call') return node.arguments.flatMap(references);
  if (node.kind === 'binary') return [...references(node.left), ...references(node.right)];
  if (node.kind === 'parentheses') return references(node.inner);
  return 'operand' in node ? references(node.operand) : [];
}

function sourceOf(
  { sheet: name, top, left, bottom, right }: ReferenceNode,
  workbook: Workbook,
): DataSource | undefined {
  const sheet = workbook.sheets.find((candidate) => candidate.name.toUpperCase() === name?.first.toUpperCase());
  if (sheet === undefined) return undefined;
  const last = {
    row: Math.min(bottom.index, sheet.dimension?.bottom ?? 0),
    column: Math.min(right.index, sheet.dimension?.right ?? 0),
  };
  const numbers: number[] = [];
  for (let row = top.index; row <= last.row; row += 1) {
    for (let column = left.index; column <= last.column; column += 1) {
      const value = sheet.values.get(cellKey(row, column));
      if (typeof value === 'number') numbers.push(value);
    }
  }
  const bytes = Buffer.alloc(numbers.length * 8);
  numbers.forEach((value, index) => {
    bytes.writeDoubleLE(value, index * 8);
  });
  return {
    source: `${sheet.name}!${formatCell(top.index, left.index)}:${formatCell(bottom.index, right.index)}`,
    values: numbers.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

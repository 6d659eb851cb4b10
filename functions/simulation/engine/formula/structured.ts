import type { StructuredNode } from './ast.ts';
import { FormulaSyntaxError } from './tokenizer.ts';

const rowNames = {
  '#ALL': 'all',
  '#DATA': 'data',
  '#HEADERS': 'headers',
  '#TOTALS': 'totals',
  '#THIS ROW': 'this',
} as const;

/** Reads what stands in a structured reference's brackets: `a`, `@a`, `[#Headers],[a]:[b]`, `#All`, or nothing. */
export function parseStructured(table: string, specifier: string, offset: number): StructuredNode {
  const rows: StructuredNode['rows'][number][] = [];
  let rest = specifier.trim();
  if (rest.startsWith('@')) {
    rows.push('this');
    rest = rest.slice(1).trim();
  }
  if (!rest.startsWith('[')) {
    const named = rowName(rest);
    if (named) return { kind: 'structured', table, rows: [named], columns: undefined };
    const column = unescaped(rest);
    return { kind: 'structured', table, rows, columns: rest === '' ? undefined : { first: column, last: column } };
  }
  const columns: string[] = [];
  for (const item of bracketed(rest, offset)) {
    const named = rowName(item);
    if (named) rows.push(named);
    else columns.push(unescaped(item));
  }
  const first = columns[0];
  return {
    kind: 'structured',
    table,
    rows,
    columns: first === undefined ? undefined : { first, last: columns.at(-1) ?? first },
  };
}

function rowName(item: string): StructuredNode['rows'][number] | undefined {
  const upper = item.trim().toUpperCase();
  return Object.entries(rowNames).find(([name]) => name === upper)?.[1];
}

/** The contents of the brackets that stand side by side, whatever parts them: a comma lists, a colon spans. */
function bracketed(text: string, offset: number): string[] {
  const items: string[] = [];
  const pattern = /\s*\[((?:'[\s\S]|[^'[\]])*)\]\s*[,:]?/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) throw new FormulaSyntaxError('a structured reference is not in order', offset);
    items.push(match[1] ?? '');
  }
  return items;
}

function unescaped(name: string): string {
  return name.replace(/'([\s\S])/g, '$1');
}

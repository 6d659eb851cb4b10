import { type Coordinate, FormulaSyntaxError, tokenize } from '../formula/tokenizer.ts';
import { formatColumn } from './address.ts';
import { columnCount, rowCount } from './model.ts';

/**
 * A shared formula's text, cut where references lie. Members of the group say only "the same, over there": their text
 * is the first one's with relative references moved (ECMA-376 part 1, 18.3.1.40).
 */
export type FormulaPieces = readonly (string | Reference)[];

type Reference =
  | { readonly kind: 'cell'; readonly column: Coordinate; readonly row: Coordinate }
  | { readonly kind: 'columns' | 'rows'; readonly first: Coordinate; readonly last: Coordinate };

/**
 * Cuts a formula at its references; strings, sheet names, functions and structured references stay whole. One that
 * does not follow the grammar stays whole too: it cannot be evaluated, moved or not.
 */
export function cutAtReferences(formula: string): FormulaPieces {
  const pieces: (string | Reference)[] = [];
  let plainFrom = 0;
  try {
    for (const token of tokenize(formula)) {
      if (token.kind !== 'cell' && token.kind !== 'columns' && token.kind !== 'rows') continue;
      pieces.push(formula.slice(plainFrom, token.start), token);
      plainFrom = token.end;
    }
  } catch (error) {
    if (error instanceof FormulaSyntaxError) return [formula];
    throw error;
  }
  pieces.push(formula.slice(plainFrom));
  return pieces;
}

/** The formula as it reads `rows` further down and `columns` further right; references past the edges are #REF!. */
export function moveReferences(pieces: FormulaPieces, rows: number, columns: number): string {
  let text = '';
  for (const piece of pieces) text += typeof piece === 'string' ? piece : movedText(piece, rows, columns);
  return text;
}

function movedText(reference: Reference, rows: number, columns: number): string {
  const [first, last] = endsOf(reference, rows, columns);
  if (first === undefined || last === undefined) return '#REF!';
  return reference.kind === 'cell' ? `${first}${last}` : `${first}:${last}`;
}

function endsOf(reference: Reference, rows: number, columns: number): (string | undefined)[] {
  switch (reference.kind) {
    case 'cell':
      return [columnText(reference.column, columns), rowText(reference.row, rows)];
    case 'columns':
      return [columnText(reference.first, columns), columnText(reference.last, columns)];
    case 'rows':
      return [rowText(reference.first, rows), rowText(reference.last, rows)];
  }
}

function columnText(column: Coordinate, by: number): string | undefined {
  if (column.absolute) return `$${formatColumn(column.index)}`;
  const index = column.index + by;
  return index >= 0 && index < columnCount ? formatColumn(index) : undefined;
}

function rowText(row: Coordinate, by: number): string | undefined {
  if (row.absolute) return `$${row.index + 1}`;
  const index = row.index + by;
  return index >= 0 && index < rowCount ? `${index + 1}` : undefined;
}

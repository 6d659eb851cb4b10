import type { CellValue } from '../workbook/model.ts';
import type { Coordinate } from './tokenizer.ts';

/** The sheets a reference names, as written; undefined where it names none and means the formula's own. */
export type SheetName = {
  readonly book: string | undefined;
  readonly first: string;
  readonly last: string | undefined;
};

export type Operator = '+' | '-' | '*' | '/' | '^' | '&' | '=' | '<>' | '<' | '<=' | '>' | '>=';

/** An A1 reference; whole columns run over every row and whole rows over every column. Corners are in order. */
export type ReferenceNode = {
  readonly kind: 'reference';
  readonly sheet: SheetName | undefined;
  readonly top: Coordinate;
  readonly left: Coordinate;
  readonly bottom: Coordinate;
  readonly right: Coordinate;
};

/** `Table[[#Data],[a]:[b]]`: which rows, and from which column to which (none: all of them). */
export type StructuredNode = {
  readonly kind: 'structured';
  readonly table: string;
  readonly rows: readonly ('all' | 'data' | 'headers' | 'totals' | 'this')[];
  readonly columns: { readonly first: string; readonly last: string } | undefined;
};

/** A formula as a tree. Function names are upper case, without `_xlfn.` and its kin. */
export type Node =
  | { readonly kind: 'constant'; readonly value: Exclude<CellValue, null> }
  | { readonly kind: 'array'; readonly rows: readonly (readonly Exclude<CellValue, null>[])[] }
  | { readonly kind: 'empty' }
  | ReferenceNode
  | StructuredNode
  | { readonly kind: 'name'; readonly name: string; readonly sheet: SheetName | undefined }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Node[] }
  | { readonly kind: 'apply'; readonly callee: Node; readonly arguments: readonly Node[] }
  | { readonly kind: 'negate' | 'plus' | 'percent'; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'span' | 'intersection'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'union'; readonly items: readonly Node[] }
  /** `@x` and `A1#`. */
  | { readonly kind: 'single' | 'spill'; readonly operand: Node }
  /** Kept, because a difference in parentheses is not rounded to zero as a bare one is. */
  | { readonly kind: 'parentheses'; readonly inner: Node };

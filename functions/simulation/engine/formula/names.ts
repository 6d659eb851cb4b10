import type { CellRange, DefinedName, ErrorValue, Table, Workbook } from '../workbook/model.ts';
import type { Node, SheetName, StructuredNode } from './ast.ts';
import { type Position, UnsupportedFormula } from './call.ts';
import { externalNamesOf, isOutside, type Outside } from './external-names.ts';
import { parseFormula } from './parser.ts';
import { FormulaSyntaxError } from './tokenizer.ts';
import { type Area, failure, type Reference } from './value.ts';

/** Finds what formulas name: sheets, defined names and tables, all without regard to case. */
export type Names = {
  readonly sheets: (name: SheetName) => readonly number[];
  /** The meaning of a defined name seen from a sheet; the sheet's own names hide the workbook's. */
  readonly defined: (name: string, sheet: number) => { readonly node: Node; readonly sheet: number } | undefined;
  /** The meaning of a name that another workbook defines, or one of its sheets (`first`) does. */
  readonly definedOutside: (name: string, sheet: SheetName) => Node;
  readonly table: (name: string) => Table | undefined;
  readonly tableAt: (position: Position) => Table | undefined;
};

export function namesOf(workbook: Pick<Workbook, 'definedNames' | 'tables'> & Outside): Names {
  const sheetIndex = new Map(workbook.sheets.map((sheet, index) => [sheet.name.toUpperCase(), index]));
  const tables = new Map(workbook.tables.map((table) => [table.name.toUpperCase(), table]));
  const defined = new Map(workbook.definedNames.map((name) => [nameKey(name.name, name.scope), name]));
  const parsed = new Map<DefinedName, Node>();
  const meaning = (name: DefinedName): Node => {
    const existing = parsed.get(name);
    if (existing) return existing;
    const node = meaningOf(name);
    parsed.set(name, node);
    return node;
  };
  const outside = externalNamesOf(workbook);
  return {
    sheets: (name) => (isOutside(name) ? outside.sheets(name) : sheetsNamed(name, sheetIndex)),
    defined: (name, sheet) => {
      const found = defined.get(nameKey(name, sheet)) ?? defined.get(nameKey(name, undefined));
      return found && { node: meaning(found), sheet: found.scope ?? sheet };
    },
    definedOutside: outside.defined,
    table: (name) => tables.get(name.toUpperCase()),
    tableAt: (position) =>
      workbook.tables.find((table) => table.sheet === position.sheet && contains(table.range, position)),
  };
}

function meaningOf(name: DefinedName): Node {
  try {
    return parseFormula(name.text.replace(/^=/, ''));
  } catch (error) {
    if (error instanceof FormulaSyntaxError) throw new UnsupportedFormula(`the name ${name.name}`);
    throw error;
  }
}

function nameKey(name: string, scope: number | undefined): string {
  return `${scope ?? ''}!${name.toUpperCase()}`;
}

function sheetsNamed(name: SheetName, index: ReadonlyMap<string, number>): number[] {
  const first = index.get(name.first.toUpperCase());
  const last = name.last === undefined ? first : index.get(name.last.toUpperCase());
  if (first === undefined || last === undefined) return [];
  const sheets: number[] = [];
  for (let sheet = Math.min(first, last); sheet <= Math.max(first, last); sheet += 1) sheets.push(sheet);
  return sheets;
}

function contains(range: CellRange, { row, column }: Position): boolean {
  return row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
}

/** The cells a structured reference names, seen from a cell. */
export function structuredReference(node: StructuredNode, names: Names, position: Position): Reference | ErrorValue {
  const table = node.table === '' ? names.tableAt(position) : names.table(node.table);
  if (table === undefined) return failure(node.table === '' ? '#REF!' : '#NAME?');
  const columns = columnsOf(node, table);
  const rows = rowsOf(node, table, position);
  if (columns === undefined) return failure('#REF!');
  if (rows === undefined) return failure(node.rows.includes('this') ? '#VALUE!' : '#REF!');
  const area: Area = { sheet: table.sheet, range: { ...columns, ...rows } };
  return { kind: 'reference', areas: [area] };
}

function columnsOf(node: StructuredNode, table: Table): Pick<CellRange, 'left' | 'right'> | undefined {
  if (node.columns === undefined) return { left: table.range.left, right: table.range.right };
  const indexOf = (name: string) => table.columns.findIndex((column) => column.toUpperCase() === name.toUpperCase());
  const first = indexOf(node.columns.first);
  const last = indexOf(node.columns.last);
  if (first < 0 || last < 0) return undefined;
  return { left: table.range.left + Math.min(first, last), right: table.range.left + Math.max(first, last) };
}

function rowsOf(
  node: StructuredNode,
  { range, headerRows, totalsRows }: Table,
  position: Position,
): Pick<CellRange, 'top' | 'bottom'> | undefined {
  const data = { top: range.top + headerRows, bottom: range.bottom - totalsRows };
  const parts: Pick<CellRange, 'top' | 'bottom'>[] = [];
  for (const rows of node.rows.length === 0 ? (['data'] as const) : node.rows) {
    if (rows === 'all') parts.push({ top: range.top, bottom: range.bottom });
    if (rows === 'data') parts.push(data);
    if (rows === 'headers') parts.push({ top: range.top, bottom: range.top + headerRows - 1 });
    if (rows === 'totals') parts.push({ top: range.bottom - totalsRows + 1, bottom: range.bottom });
    if (rows === 'this' && position.row >= data.top && position.row <= data.bottom) {
      parts.push({ top: position.row, bottom: position.row });
    }
  }
  const top = Math.min(...parts.map((part) => part.top));
  const bottom = Math.max(...parts.map((part) => part.bottom));
  return parts.length === 0 || bottom < top ? undefined : { top, bottom };
}

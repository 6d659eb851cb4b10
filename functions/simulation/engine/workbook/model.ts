/**
 * What a workbook says, as plain data: the seam between the reader, the formula language and the compiler.
 *
 * Rows and columns count from 0. A cell's key within its sheet is `row * 16384 + column` (see cellKey), so keys in
 * ascending order are cells in reading order. Dates are the serial numbers Excel stores, in the workbook's own epoch.
 */

/** Columns in a sheet (A to XFD) and rows in one: ECMA-376 part 1, 18.3.1.73 and Excel's specification. */
export const columnCount = 16_384;
export const rowCount = 1_048_576;

export const errorCodes = [
  '#NULL!',
  '#DIV/0!',
  '#VALUE!',
  '#REF!',
  '#NAME?',
  '#NUM!',
  '#N/A',
  '#GETTING_DATA',
  '#SPILL!',
  '#CONNECT!',
  '#BLOCKED!',
  '#UNKNOWN!',
  '#FIELD!',
  '#CALC!',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** An Excel error as a value; compare by `error`, not by identity. */
export type ErrorValue = { readonly error: ErrorCode };

/** What a cell shows: null is a blank cell. */
export type CellValue = number | string | boolean | ErrorValue | null;

/** A rectangle of cells, both corners included. */
export type CellRange = {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
};

/**
 * A cell's formula, without the leading "=". `text` is the file's: English function names, commas, A1 references,
 * future functions with their `_xlfn.` and `_xlpm.` prefixes, other workbooks as `[1]Sheet!A1`.
 *
 * - normal: one cell. Members of a shared formula have their own text here, references already moved.
 * - array: entered over `ref` (this cell is its top left corner; the others have values and no formula of their own).
 *   `dynamic` arrays spill: `ref` is the area they filled when the file was saved; the others were confirmed with
 *   Ctrl+Shift+Enter.
 * - dataTable: a what-if table over `ref`; its text is empty. This cell is the corner of its results.
 */
export type Formula =
  | { readonly kind: 'normal'; readonly text: string }
  | { readonly kind: 'array'; readonly text: string; readonly ref: CellRange; readonly dynamic: boolean }
  | {
      readonly kind: 'dataTable';
      readonly text: '';
      readonly ref: CellRange;
      /** The cells whose values the table replaces, A1 text; undefined where the file says #REF!. */
      readonly rowInput: string | undefined;
      readonly columnInput: string | undefined;
    };

/** Things kept by cell key, in ascending order when iterated. A Map satisfies it where keys were set in order. */
export type ByCell<T> = Pick<ReadonlyMap<number, T>, 'get' | 'has' | 'size' | 'keys' | 'entries'>;

export type Sheet = {
  readonly name: string;
  /** Position among `Workbook.sheets` (not among the file's tabs: chart sheets are left out). */
  readonly index: number;
  readonly visibility: 'visible' | 'hidden' | 'veryHidden';
  /** The used range: every cell with a value or a formula lies within; undefined for an empty sheet. */
  readonly dimension: CellRange | undefined;
  /** The values that Excel stored, constants and formula results alike; a blank cell is absent. */
  readonly values: ByCell<CellValue>;
  readonly formulas: ByCell<Formula>;
  /** Number format codes ("0.00%", "yyyy-mm-dd") of the cells that have one other than General. */
  readonly numberFormats: ByCell<string>;
  /** Rows that are not shown, by hand or by a filter: SUBTOTAL and AGGREGATE may leave them out. */
  readonly hiddenRows: ReadonlySet<number>;
  /** The ranges that a filter with criteria is set on; a hidden row among their rows is a filtered one. */
  readonly filters: readonly CellRange[];
};

export type DefinedName = {
  readonly name: string;
  /** The sheet (its index) that the name belongs to; undefined: the whole workbook. */
  readonly scope: number | undefined;
  /** A formula without the leading "="; for a constant, its text ("0.05", "\"abc\"", "{1,2}"). */
  readonly text: string;
  readonly hidden: boolean;
};

export type Table = {
  readonly name: string;
  readonly sheet: number;
  /** The whole table, header and totals rows included. */
  readonly range: CellRange;
  /** Column names as structured references write them, before escaping, left to right. */
  readonly columns: readonly string[];
  readonly headerRows: number;
  readonly totalsRows: number;
  /** A filter with criteria is set on the table. */
  readonly filtered: boolean;
};

/** How the workbook asks to be calculated. */
export type Calculation = {
  readonly iterate: boolean;
  readonly maximumIterations: number;
  readonly maximumChange: number;
  /** False: "precision as displayed", every value rounded to its number format. */
  readonly fullPrecision: boolean;
};

/** Another workbook that formulas name by its number, 1 for `[1]`; the target is not opened. */
export type ExternalLink = { readonly number: number; readonly target: string | undefined };

/**
 * A sheet of another workbook, with what its cells held when this file was saved. `unknown`: nothing was kept of it;
 * `lost`: it could not be found any more, and what reads it is #REF!.
 */
export type ExternalSheet = {
  /** The number that formulas write in brackets. */
  readonly book: number;
  readonly name: string;
  readonly state: 'known' | 'lost' | 'unknown';
  readonly values: ByCell<CellValue>;
  readonly dimension: CellRange | undefined;
};

/** A name that another workbook defines; `sheet` is a place among `Workbook.externalSheets`. */
export type ExternalName = {
  readonly book: number;
  readonly name: string;
  readonly text: string;
  readonly sheet: number | undefined;
};

export type Workbook = {
  readonly sheets: readonly Sheet[];
  readonly definedNames: readonly DefinedName[];
  readonly tables: readonly Table[];
  readonly dateSystem: 1900 | 1904;
  readonly calculation: Calculation;
  readonly externalLinks: readonly ExternalLink[];
  /** Formulas reach these as the sheets that come after the workbook's own. */
  readonly externalSheets: readonly ExternalSheet[];
  readonly externalNames: readonly ExternalName[];
  /** A VBA project or Excel 4 macro sheets lie in the file; they are never run. */
  readonly hasMacros: boolean;
  /** Tabs that are not worksheets (chart, dialog and macro sheets), named because formulas may name them. */
  readonly skippedSheets: readonly string[];
};

/** What a sheet's cells hold, its own or another workbook's; none past them. */
export function sheetContents(
  workbook: Pick<Workbook, 'externalSheets'> & { readonly sheets: readonly Pick<Sheet, 'values' | 'dimension'>[] },
  index: number,
): Pick<Sheet, 'values' | 'dimension'> | undefined {
  return workbook.sheets[index] ?? workbook.externalSheets[index - workbook.sheets.length];
}

/** The key of a cell within its sheet. */
export function cellKey(row: number, column: number): number {
  return row * columnCount + column;
}

export function keyRow(key: number): number {
  return Math.floor(key / columnCount);
}

export function keyColumn(key: number): number {
  // Keys pass 2^31, where % is a library call: this is five times as fast.
  return key - Math.floor(key / columnCount) * columnCount;
}

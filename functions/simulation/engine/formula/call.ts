import type { CellRange, CellValue } from '../workbook/model.ts';
import type { Reading } from './coerce.ts';
import type { ColumnIndex, IndexKey } from './column-index.ts';
import type { Argument, LambdaValue, Reference, Value } from './value.ts';

export type Position = { readonly sheet: number; readonly row: number; readonly column: number };

/** Where formulas read cells. */
export type CellSource = {
  readonly value: (sheet: number, row: number, column: number) => CellValue;
  /** Where equal values stand in a column's range, for searches that are done again and again; undefined: read it. */
  readonly columnIndex?: (
    kind: string,
    place: { readonly sheet: number; readonly column: number; readonly top: number; readonly rows: number },
    keyOf: (value: CellValue) => IndexKey | undefined,
  ) => ColumnIndex | undefined;
  /** The range outside which the sheet is blank; undefined for an empty sheet. */
  readonly used: (sheet: number) => CellRange | undefined;
  /** The area that the array formula in a cell fills, for `A1#`. */
  readonly spilled: (sheet: number, row: number, column: number) => CellRange | undefined;
  readonly formulaText: (sheet: number, row: number, column: number) => string | undefined;
  readonly numberFormat: (sheet: number, row: number, column: number) => string | undefined;
  /** Whether a row is shown, hidden by hand, or left out by a filter. */
  readonly rowState: (sheet: number, row: number) => 'shown' | 'hidden' | 'filtered';
  readonly sheetNames: readonly string[];
};

/** What changes from one moment, or one path of a simulation, to the next. */
export type Moment = {
  /** The serial number of the present moment, in the workbook's date system. */
  readonly now: number;
  /** Uniform on [0, 1). */
  readonly random: () => number;
};

/** What a function is given besides its arguments. */
export type Call = {
  readonly position: Position;
  /** Whether a range stands for all its cells here, or (as in a plain formula) for the one beside the formula. */
  readonly arrays: boolean;
  readonly cells: CellSource;
  readonly reading: Reading;
  readonly moment: Moment;
  readonly apply: (lambda: LambdaValue, given: readonly Argument[]) => Value;
  /** A reference given as text, as INDIRECT takes it; undefined where the text is none. */
  readonly referenceFromText: (text: string) => Reference | undefined;
};

/** A formula asks for what this engine does not have: an unknown function, or another workbook. */
export class UnsupportedFormula extends Error {
  override readonly name = 'UnsupportedFormula';
  /** The function's name, or "[1]" for another workbook. */
  readonly feature: string;

  constructor(feature: string) {
    super(`${feature} is not supported`);
    this.feature = feature;
  }
}

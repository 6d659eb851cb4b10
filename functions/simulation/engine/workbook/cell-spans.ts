import type { FormulaSpans } from './scanned-formula.ts';

/** Row and column of a cell without a reference. */
export const unplaced = -1;

/** A cell's attributes and content, as positions in the bytes; -1 where there is none. One object, used over and over. */
export type CellSpans = FormulaSpans & {
  row: number;
  column: number;
  style: number;
  metadata: number;
  typeFrom: number;
  typeTo: number;
  valueFrom: number;
  valueTo: number;
  /** The text within `<is><t>`. */
  inlineFrom: number;
  inlineTo: number;
};

export function emptySpans(): CellSpans {
  return {
    row: unplaced,
    column: unplaced,
    style: 0,
    metadata: 0,
    typeFrom: 0,
    typeTo: 0,
    valueFrom: -1,
    valueTo: -1,
    inlineFrom: -1,
    inlineTo: -1,
    formulaFrom: -1,
    formulaTo: -1,
    formulaAttributesFrom: -1,
    formulaAttributesTo: -1,
  };
}

/** Makes ready for the next cell. Ends of spans stay: they mean nothing without their beginnings. */
export function clearSpans(cell: CellSpans): void {
  cell.row = unplaced;
  cell.column = unplaced;
  cell.style = 0;
  cell.metadata = 0;
  cell.typeFrom = 0;
  cell.typeTo = 0;
  cell.valueFrom = -1;
  cell.inlineFrom = -1;
  cell.formulaFrom = -1;
  cell.formulaAttributesFrom = -1;
}

import type { Node } from '../formula/ast.ts';
import type { Area } from '../formula/value.ts';
import { type CellRange, cellKey } from '../workbook/model.ts';

/** A formula in its cell; an array formula's `extent` is the area it fills. */
export type FormulaCell = {
  readonly sheet: number;
  readonly row: number;
  readonly column: number;
  readonly text: string;
  /** Undefined where the text is not in the grammar. */
  readonly node: Node | undefined;
  readonly kind: 'normal' | 'array' | 'dynamic';
  extent: CellRange;
  ranges: readonly RangeNode[];
  /** To be worked out in every recalculation. */
  dynamic: boolean;
  state: 'dirty' | 'clean';
  /** The feature that this cell, or one it reads, asks for in vain. */
  unsupported: string | undefined;
  /** Its value, or one it reads, changes from moment to moment. */
  volatile: boolean;
  /** It stands in a circle of references. */
  circular: boolean;
};

/** An area that formulas read, shared by all that read the same one: a column of a million cells is one node. */
export type RangeNode = { readonly area: Area; readonly dependents: FormulaCell[]; settled: number };

const tileRows = 64;
const tileColumns = 8;
/** Ranges over more tiles than this are kept in one list a sheet. */
const mostTiles = 64;

type SheetRanges = { readonly tiles: Map<number, RangeNode[]>; readonly wide: RangeNode[] };

/** Finds the range nodes that contain a cell, and makes one node of each area. */
export class RangeIndex {
  readonly #byArea = new Map<string, RangeNode>();
  readonly #sheets = new Map<number, SheetRanges>();

  node(area: Area): RangeNode {
    const { top, left, bottom, right } = area.range;
    const key = `${area.sheet}:${top}:${left}:${bottom}:${right}`;
    const existing = this.#byArea.get(key);
    if (existing) return existing;
    const node: RangeNode = { area, dependents: [], settled: 0 };
    this.#byArea.set(key, node);
    this.#place(node);
    return node;
  }

  #place(node: RangeNode): void {
    const { top, left, bottom, right } = node.area.range;
    const ranges: SheetRanges = this.#sheets.get(node.area.sheet) ?? { tiles: new Map(), wide: [] };
    this.#sheets.set(node.area.sheet, ranges);
    const firstRow = Math.floor(top / tileRows);
    const lastRow = Math.floor(bottom / tileRows);
    const firstColumn = Math.floor(left / tileColumns);
    const lastColumn = Math.floor(right / tileColumns);
    if ((lastRow - firstRow + 1) * (lastColumn - firstColumn + 1) > mostTiles) {
      ranges.wide.push(node);
      return;
    }
    for (let row = firstRow; row <= lastRow; row += 1) {
      for (let column = firstColumn; column <= lastColumn; column += 1) {
        const key = cellKey(row, column);
        const tile = ranges.tiles.get(key);
        if (tile) tile.push(node);
        else ranges.tiles.set(key, [node]);
      }
    }
  }

  /** The range nodes that share a cell with an area. */
  *touching(sheet: number, range: CellRange): Generator<RangeNode> {
    const ranges = this.#sheets.get(sheet);
    if (!ranges) return;
    for (const node of ranges.wide) if (overlaps(node.area.range, range)) yield node;
    const lastRow = Math.floor(range.bottom / tileRows);
    const lastColumn = Math.floor(range.right / tileColumns);
    for (let row = Math.floor(range.top / tileRows); row <= lastRow; row += 1) {
      for (let column = Math.floor(range.left / tileColumns); column <= lastColumn; column += 1) {
        for (const node of ranges.tiles.get(cellKey(row, column)) ?? []) {
          if (overlaps(node.area.range, range)) yield node;
        }
      }
    }
  }
}

function overlaps(a: CellRange, b: CellRange): boolean {
  return a.top <= b.bottom && b.top <= a.bottom && a.left <= b.right && b.left <= a.right;
}

export function eachCell(range: CellRange, visit: (row: number, column: number) => void): void {
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) visit(row, column);
  }
}

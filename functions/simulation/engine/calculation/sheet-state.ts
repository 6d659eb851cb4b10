import { type CellRange, type CellValue, cellKey } from '../workbook/model.ts';
import type { FormulaCell } from './graph.ts';

/** One sheet while it is calculated: the values there are now, and the formula that owns each cell. */
export class SheetState {
  readonly values = new Map<number, CellValue>();
  /** By cell key; every cell of an array formula's area leads to the formula. */
  readonly owners = new Map<number, FormulaCell>();
  /** Rows of owned cells by column, ascending once `ordered`. */
  readonly #rows = new Map<number, number[]>();
  #isOrdered = true;
  /** How often a column that is indexed has changed. */
  readonly #versions = new Map<number, number>();
  used: CellRange | undefined;

  read(row: number, column: number): CellValue {
    return this.values.get(cellKey(row, column)) ?? null;
  }

  write(row: number, column: number, value: CellValue): void {
    if (value === null) this.values.delete(cellKey(row, column));
    else this.values.set(cellKey(row, column), value);
    if (this.#versions.size > 0) this.change(column);
    this.include(row, column);
  }

  /** Counts the changes of a column from now on. */
  versionOf(column: number): number {
    const version = this.#versions.get(column) ?? 0;
    this.#versions.set(column, version);
    return version;
  }

  /** A column's values are no longer what they were, or about to be. */
  change(column: number): void {
    const version = this.#versions.get(column);
    if (version !== undefined) this.#versions.set(column, version + 1);
  }

  include(row: number, column: number): void {
    const { used } = this;
    if (used && row >= used.top && row <= used.bottom && column >= used.left && column <= used.right) return;
    this.used = {
      top: Math.min(used?.top ?? row, row),
      left: Math.min(used?.left ?? column, column),
      bottom: Math.max(used?.bottom ?? row, row),
      right: Math.max(used?.right ?? column, column),
    };
  }

  own(row: number, column: number, owner: FormulaCell): void {
    this.owners.set(cellKey(row, column), owner);
    const rows = this.#rows.get(column);
    if (!rows) this.#rows.set(column, [row]);
    else {
      if ((rows.at(-1) ?? -1) > row) this.#isOrdered = false;
      rows.push(row);
    }
    this.include(row, column);
  }

  disown(row: number, column: number): void {
    this.owners.delete(cellKey(row, column));
    const rows = this.#rows.get(column);
    const place = rows?.indexOf(row) ?? -1;
    if (place >= 0) rows?.splice(place, 1);
  }

  /** The formulas that own cells of a range, each at least once. */
  *formulasIn(range: CellRange): Generator<FormulaCell> {
    this.#order();
    const isWide = range.right - range.left >= this.#rows.size;
    const columns = isWide ? [...this.#rows.keys()] : undefined;
    const width = columns?.length ?? range.right - range.left + 1;
    for (let index = 0; index < width; index += 1) {
      const column = columns ? (columns[index] ?? -1) : range.left + index;
      if (column < range.left || column > range.right) continue;
      const rows = this.#rows.get(column);
      if (!rows) continue;
      for (let at = firstAtLeast(rows, range.top); at < rows.length; at += 1) {
        const row = rows[at] ?? 0;
        if (row > range.bottom) break;
        const owner = this.owners.get(cellKey(row, column));
        if (owner) yield owner;
      }
    }
  }

  #order(): void {
    if (this.#isOrdered) return;
    for (const rows of this.#rows.values()) rows.sort((a, b) => a - b);
    this.#isOrdered = true;
  }
}

function firstAtLeast(rows: readonly number[], wanted: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

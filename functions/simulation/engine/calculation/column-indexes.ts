import { buildColumnIndex, type ColumnIndex, type IndexKey } from '../formula/column-index.ts';
import { type CellValue, cellKey } from '../workbook/model.ts';
import type { SheetState } from './sheet-state.ts';

/** Indexes over more places than this, taken together, are given up and begun anew. */
const mostPlaces = 16_000_000;

/** Shorter ranges are read faster than an index is found. */
const fewestRows = 32;

type Entry = { readonly version: number; index: ColumnIndex | undefined };

/**
 * Indexes of the column ranges that lookups search, kept while nothing in their column changes. The first search of a
 * range is done by reading it; an index is made when the same range is searched again.
 */
export class ColumnIndexes {
  readonly #states: readonly SheetState[];
  readonly #entries = new Map<string, Entry>();
  #places = 0;

  constructor(states: readonly SheetState[]) {
    this.#states = states;
  }

  /** Undefined where there is none yet, or none can be: `keyOf` is one of a few functions, told apart by `kind`. */
  find(
    kind: string,
    place: { readonly sheet: number; readonly column: number; readonly top: number; readonly rows: number },
    keyOf: (value: CellValue) => IndexKey | undefined,
  ): ColumnIndex | undefined {
    const state = this.#states[place.sheet];
    if (!state || place.rows < fewestRows) return undefined;
    const version = state.versionOf(place.column);
    const name = `${kind}:${place.sheet}:${place.column}:${place.top}:${place.rows}`;
    const entry = this.#entries.get(name);
    if (entry?.version !== version) {
      this.#entries.set(name, { version, index: undefined });
      return undefined;
    }
    entry.index ??= this.#build(state, place, keyOf);
    return entry.index;
  }

  #build(
    state: SheetState,
    { column, top, rows }: { readonly column: number; readonly top: number; readonly rows: number },
    keyOf: (value: CellValue) => IndexKey | undefined,
  ): ColumnIndex | undefined {
    // Cells that are not worked out yet, or pass something on to their readers, must be read one by one.
    for (const owner of state.formulasIn({ top, left: column, bottom: top + rows - 1, right: column })) {
      if (owner.state === 'dirty' || owner.volatile || owner.unsupported !== undefined) return undefined;
    }
    this.#places += rows;
    if (this.#places > mostPlaces) {
      this.#entries.clear();
      this.#places = rows;
    }
    return buildColumnIndex(rows, (at) => keyOf(state.values.get(cellKey(top + at, column)) ?? null));
  }
}

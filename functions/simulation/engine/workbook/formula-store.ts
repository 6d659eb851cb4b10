import { type ByCell, type CellRange, type Formula, keyColumn, keyRow } from './model.ts';
import { cutAtReferences, type FormulaPieces, moveReferences } from './shared-formula.ts';

/** The cell that has a shared formula's text; members of the group are stored as a pointer to it. */
type SharedMaster = { readonly key: number; readonly text: string; pieces: FormulaPieces | undefined };
type Stored = string | SharedMaster | Formula;

/**
 * A sheet's formulas. Members of a shared formula keep a pointer to the first one and get their own text when they are
 * asked for it: a column of a hundred thousand costs one parse and no text until then.
 */
export class FormulaStore {
  #keys: number[] = [];
  #stored: Stored[] = [];
  readonly #masters = new Map<number, SharedMaster>();
  /** Members that came before the formula they share: their place, and the group. Writers order cells as they like. */
  readonly #orphans = new Map<number, number>();
  #ordered = true;

  addNormal(key: number, text: string): void {
    this.#add(key, text);
  }

  addArray(key: number, text: string, ref: CellRange, dynamic: boolean): void {
    this.#add(key, { kind: 'array', text, ref, dynamic });
  }

  addDataTable(key: number, ref: CellRange, rowInput: string | undefined, columnInput: string | undefined): void {
    this.#add(key, { kind: 'dataTable', text: '', ref, rowInput, columnInput });
  }

  /** The cell with a shared formula's text; `group` is its number within the sheet. */
  addShared(key: number, text: string, group: number): void {
    this.#masters.set(group, { key, text, pieces: undefined });
    this.#add(key, text);
  }

  addSharedMember(key: number, group: number): void {
    const master = this.#masters.get(group);
    if (master === undefined) this.#orphans.set(this.#keys.length, group);
    this.#add(key, master ?? '');
  }

  /** Call once, after the last formula. Returns the keys of cells that share a formula which no cell has. */
  seal(): number[] {
    const lost: number[] = [];
    for (const [place, group] of this.#orphans) {
      const master = this.#masters.get(group);
      if (master === undefined) lost.push(this.#keys[place] ?? 0);
      else this.#stored[place] = master;
    }
    if (!this.#ordered) this.#sort();
    return lost;
  }

  formulas(): ByCell<Formula> {
    const [keys, stored] = [this.#keys, this.#stored];
    const read = (at: number) => formulaOf(keys[at] ?? 0, stored[at] ?? '');
    return {
      size: keys.length,
      has: (key) => placeOf(keys, key) >= 0,
      get(key) {
        const at = placeOf(keys, key);
        return at < 0 ? undefined : read(at);
      },
      keys: () => keys.values(),
      entries: () => keys.entries().map(([at, key]): [number, Formula] => [key, read(at)]),
    };
  }

  #add(key: number, formula: Stored): void {
    if (key <= (this.#keys.at(-1) ?? -1)) this.#ordered = false;
    this.#keys.push(key);
    this.#stored.push(formula);
  }

  #sort(): void {
    const [keys, stored] = [this.#keys, this.#stored];
    const order = Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
    this.#keys = order.map((at) => keys[at] ?? 0);
    this.#stored = order.map((at) => stored[at] ?? '');
  }
}

function placeOf(keys: readonly number[], key: number): number {
  let low = 0;
  let high = keys.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle] ?? 0;
    if (found === key) return middle;
    if (found < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function formulaOf(key: number, stored: Stored): Formula {
  if (typeof stored === 'string') return { kind: 'normal', text: stored };
  if ('kind' in stored) return stored;
  stored.pieces ??= cutAtReferences(stored.text);
  const text = moveReferences(stored.pieces, keyRow(key) - keyRow(stored.key), keyColumn(key) - keyColumn(stored.key));
  return { kind: 'normal', text };
}

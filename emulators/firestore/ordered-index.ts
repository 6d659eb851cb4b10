import { fieldReader } from './field-path.ts';
import type { Document, Value } from './proto.ts';
import { type Position, SortedList } from './sorted-list.ts';
import type { Slot } from './store.ts';
import { compareNames } from './text-order.ts';
import { compareKinds, compareValues, equalValues } from './value-order.ts';
import { elementsOf, type Kind, kindOf } from './values.ts';

export type IndexMode = 'ASCENDING' | 'DESCENDING' | 'CONTAINS';

export interface IndexField {
  fieldPath: string;
  mode: IndexMode;
}

/** The fields of an index in their order; behind them, documents lie by name, in the last field's direction. */
export type IndexFields = readonly IndexField[];

/** One end of a range in a field: a value, or all values of its kind. The end itself is within the range. */
export type Edge = { value: Value } | { kind: Kind };

/** Part of an index: between edges of its first few fields, in the index's own order; the name may come last. */
export interface Range {
  from: readonly Edge[];
  to: readonly Edge[];
}

interface Entry {
  slot: Slot;
  values: readonly Value[];
}

/** The documents that have all the fields of an index, in its order; for `CONTAINS` once for each different element. */
export class OrderedIndex {
  readonly #fields: readonly { read(document: Document): Value | undefined; mode: IndexMode }[];
  readonly #directions: readonly number[];
  readonly #entries: SortedList<Entry>;

  constructor(fields: IndexFields, slots: Iterable<Slot>) {
    this.#fields = fields.map(({ fieldPath, mode }) => ({ read: fieldReader(fieldPath), mode }));
    this.#directions = [...fields.map(({ mode }) => directionOf(mode)), nameDirection(fields)];
    const entries: Entry[] = [];
    for (const slot of slots) for (const entry of this.#entriesOf(slot, slot.latest.document)) entries.push(entry);
    this.#entries = new SortedList((left, right) => this.#compare(left, right), entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Takes in that a slot's document has changed from one to another. */
  observe(slot: Slot, before: Document | undefined, after: Document | undefined): void {
    const old = this.#entriesOf(slot, before);
    const fresh = this.#entriesOf(slot, after);
    const isSame = old.length === fresh.length && old.every((entry, at) => this.#isSame(entry, fresh[at]));
    if (isSame) return;
    for (const entry of old) this.#entries.delete(entry);
    for (const entry of fresh) this.#entries.insert(entry);
  }

  *scan({ from, to }: Range, reverse: boolean): Generator<Slot> {
    const [start, end] = [this.#positionOf(from), this.#positionOf(to)];
    const entries = reverse ? this.#entries.descending(start, end) : this.#entries.ascending(start, end);
    for (const { slot } of entries) yield slot;
  }

  count({ from, to }: Range): number {
    return this.#entries.count(this.#positionOf(from), this.#positionOf(to));
  }

  #entriesOf(slot: Slot, document: Document | undefined): Entry[] {
    if (document === undefined) return [];
    let tuples: Value[][] = [[]];
    for (const { read, mode } of this.#fields) {
      const value = read(document);
      if (value === undefined) return [];
      if (mode === 'CONTAINS') {
        const elements = distinct(value.arrayValue == null ? [] : elementsOf(value));
        tuples = tuples.flatMap((tuple) => elements.map((element) => [...tuple, element]));
      } else {
        for (const tuple of tuples) tuple.push(value);
      }
    }
    return tuples.map((values) => ({ slot, values }));
  }

  #isSame(old: Entry, fresh: Entry | undefined): boolean {
    return fresh !== undefined && old.values.every((value, at) => equalValues(value, fresh.values[at] as Value));
  }

  #compare(left: Entry, right: Entry): number {
    const directions = this.#directions;
    for (let at = 0; at < left.values.length; at++) {
      const order = compareValues(left.values[at] as Value, right.values[at] as Value);
      if (order !== 0) return order * (directions[at] as number);
    }
    const { collection } = left.slot;
    const common = collection === right.slot.collection ? collection.path.length : 0;
    return compareNames(left.slot.name, right.slot.name, common) * (directions[left.values.length] as number);
  }

  #positionOf(edges: readonly Edge[]): Position<Entry> {
    const directions = this.#directions;
    return ({ slot, values }) => {
      for (let at = 0; at < edges.length; at++) {
        const order = compareWithEdge(values[at] ?? { referenceValue: slot.name }, edges[at] as Edge);
        if (order !== 0) return order * (directions[at] as number);
      }
      return 0;
    };
  }
}

/** In which direction documents with the same values lie by name. */
export function nameDirection(fields: IndexFields): 1 | -1 {
  const last = fields.at(-1);
  return last === undefined ? 1 : directionOf(last.mode);
}

export function directionOf(mode: IndexMode): 1 | -1 {
  return mode === 'DESCENDING' ? -1 : 1;
}

function compareWithEdge(value: Value, edge: Edge): number {
  return 'value' in edge ? compareValues(value, edge.value) : compareKinds(kindOf(value), edge.kind);
}

function distinct(values: Value[]): Value[] {
  if (values.length < 2) return values;
  return values.filter((value, at) => values.findIndex((other) => equalValues(value, other)) === at);
}

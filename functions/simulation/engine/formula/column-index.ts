import type { CellValue } from '../workbook/model.ts';
import { fifteenDigits } from './coerce.ts';

/** What equal values have in common: numbers to 15 digits, texts without regard to case. */
export type IndexKey = number | string | boolean;

/** Where the values of one column's range stand, so that equal ones are found without looking at all. */
export type ColumnIndex = {
  /** The first and the last place of a key, counted from the range's top; -1 where it is not there. */
  readonly first: (key: IndexKey) => number;
  readonly last: (key: IndexKey) => number;
  readonly count: (key: IndexKey) => number;
  /** All places, downward. */
  readonly places: (key: IndexKey) => Iterable<number>;
};

/** The key of a value; undefined for blanks and errors. Texts that only differ in length after upper-casing share one. */
export function indexKey(value: CellValue): IndexKey | undefined {
  if (typeof value === 'number') return fifteenDigits(value);
  if (typeof value === 'string') return textKey(value);
  return typeof value === 'boolean' ? value : undefined;
}

export function textKey(text: string): string {
  const upper = text.toUpperCase();
  // "ß" is no "SS" to a lookup.
  return upper.length === text.length ? upper : `${upper}\n${text.length}`;
}

/** Chains of equal keys through a column's places. */
export function buildColumnIndex(length: number, keyAt: (place: number) => IndexKey | undefined): ColumnIndex {
  const heads = new Map<IndexKey, { first: number; last: number; count: number }>();
  const next = new Int32Array(length).fill(-1);
  for (let place = 0; place < length; place += 1) {
    const key = keyAt(place);
    if (key === undefined) continue;
    const head = heads.get(key);
    if (head === undefined) {
      heads.set(key, { first: place, last: place, count: 1 });
    } else {
      next[head.last] = place;
      head.last = place;
      head.count += 1;
    }
  }
  return {
    first: (key) => heads.get(key)?.first ?? -1,
    last: (key) => heads.get(key)?.last ?? -1,
    count: (key) => heads.get(key)?.count ?? 0,
    *places(key) {
      for (let place = heads.get(key)?.first ?? -1; place >= 0; place = next[place] ?? -1) yield place;
    },
  };
}

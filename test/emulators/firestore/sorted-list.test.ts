import test from 'ava';
import fc from 'fast-check';
import { SortedList } from '../../../emulators/firestore/sorted-list.ts';

interface Item {
  key: number;
}

const byKey = (left: Item, right: Item) => left.key - right.key;
const at = (key: number) => (item: Item) => item.key - key;
const keys = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1_500, maxLength: 3_000 });

test('a sorted list finds, forwards and backwards, what a sorted array holds', (t) => {
  const property = fc.property(keys, keys, keys, fc.array(fc.nat(5_000)), (initial, added, removed, bounds) => {
    const expected = new Set(initial);
    const list = new SortedList(
      byKey,
      [...expected].map((key) => ({ key })),
    );
    for (const key of added.filter((each) => !expected.has(each))) {
      if (!expected.has(key)) list.insert({ key });
      expected.add(key);
    }
    for (const key of removed) {
      list.delete({ key });
      expected.delete(key);
    }
    const sorted = [...expected].sort((left, right) => left - right);
    t.is(list.size, sorted.length);
    for (const [n, low] of bounds.entries()) {
      const high = bounds[n + 1] ?? 5_000;
      const within = sorted.filter((key) => key >= low && key <= high);
      t.deepEqual(
        [...list.ascending(at(low), at(high))].map(({ key }) => key),
        within,
      );
      t.deepEqual(
        [...list.descending(at(low), at(high))].map(({ key }) => key),
        within.reverse(),
      );
      t.is(list.count(at(low), at(high)), within.length);
    }
  });
  fc.assert(property, { numRuns: 20, seed: 20260402 });
});

test('an emptied list takes items again', (t) => {
  const list = new SortedList(byKey, [{ key: 1 }]);
  list.delete({ key: 1 });
  t.deepEqual([...list.ascending(at(0), at(9))], []);
  t.deepEqual([...list.descending(at(0), at(9))], []);
  list.insert({ key: 2 });
  t.deepEqual([...list.ascending(at(0), at(9))], [{ key: 2 }]);
});

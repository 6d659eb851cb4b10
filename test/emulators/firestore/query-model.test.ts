import {
  Filter as ClientFilter,
  type CollectionReference,
  FieldPath,
  type Firestore,
  type Query,
  type QuerySnapshot,
  Timestamp,
  type WriteResult,
} from '@google-cloud/firestore';
import test from 'ava';
import fc from 'fast-check';
import type { FirestoreOptions } from '../../../emulators/firestore/server.ts';
import { startLocal } from './local-firestore.ts';
import {
  type Bound,
  type Condition,
  conditionsIn,
  type Data,
  type Filter,
  find,
  type Plain,
  type Spec,
} from './query-model.ts';

/** More documents than the server looks at one by one. */
const DOCUMENTS = 120;

/** `back`: as of so many writes ago. */
type Step = { put: string; data: Data } | { delete: string } | { query: Spec; back: number };

const scalar: fc.Arbitrary<Plain> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(-1.5, 0.5, 1.5, Number.NaN),
  fc.constantFrom('', 'a', 'ab', 'b', '\uffee', '🌾'),
);
const plain: fc.Arbitrary<Plain> = fc.oneof(
  { arbitrary: scalar, weight: 4 },
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
  fc.integer({ min: 0, max: 2 }).map((x) => ({ x })),
);
const field = fc.constantFrom('a', 'b', 'c');
const id = fc.integer({ min: 0, max: DOCUMENTS - 1 }).map(String);
const data = fc.dictionary(field, plain, { maxKeys: 3 });
const several = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
const comparable = plain.filter((value) => value !== null && !Number.isNaN(value));

const condition: fc.Arbitrary<Condition> = fc.oneof(
  { arbitrary: fc.record({ field, op: fc.constantFrom('==', '!=' as const), value: plain }), weight: 3 },
  { arbitrary: fc.record({ field, op: fc.constantFrom('<', '<=', '>', '>=' as const), value: comparable }), weight: 3 },
  fc.record({ field, op: fc.constant('array-contains' as const), value: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ field, op: fc.constantFrom('in', 'not-in', 'array-contains-any' as const), value: several(scalar) }),
  fc.record({
    field: fc.constant('__name__'),
    op: fc.constantFrom('<', '<=', '>', '>=', '==', '!=' as const),
    value: id,
  }),
  fc.record({ field: fc.constant('__name__'), op: fc.constantFrom('in', 'not-in' as const), value: several(id) }),
);
const filter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { arbitrary: condition, weight: 3 },
    fc.array(tie('filter'), { minLength: 2, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('filter'), { minLength: 2, maxLength: 3 }).map((any) => ({ any })),
  ),
})).filter;

const bound: fc.Arbitrary<Bound> = fc.record({
  values: fc.array(plain, { minLength: 1, maxLength: 3 }),
  inclusive: fc.boolean(),
});
const order = fc.record({
  field: fc.oneof({ arbitrary: field, weight: 5 }, fc.constant('__name__')),
  direction: fc.constantFrom('asc', 'desc' as const),
});
const spec: fc.Arbitrary<Spec> = fc
  .record({
    where: fc.option(filter.filter(isAllowed), { nil: undefined }),
    orderBy: fc.uniqueArray(order, { maxLength: 3, selector: (each) => each.field }),
    bounds: fc.tuple(fc.option(bound), fc.option(bound)),
    offset: fc.constantFrom(0, 0, 1, 3),
    limit: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    toLast: fc.boolean(),
  })
  .map(({ bounds: [start, end], toLast, ...rest }) => {
    const isToLast = toLast && rest.limit !== undefined && rest.orderBy.length > 0;
    const cursors = { start: cutTo(start, rest.orderBy), end: cutTo(end, rest.orderBy) };
    return { ...rest, ...cursors, offset: isToLast ? 0 : rest.offset, toLast: isToLast };
  });
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ query: spec, back: fc.constantFrom(0, 0, 1, 2, 5) }), weight: 4 },
  fc.record({ put: id, data }),
  fc.record({ delete: id }),
);

/** The real service takes one condition on elements, one NOT_IN without any !=, and 30 alternatives. */
function isAllowed(each: Filter): boolean {
  const operators = conditionsIn(each).map(({ op }) => op);
  const count = (...wanted: string[]) => operators.filter((op) => wanted.includes(op)).length;
  const isUnequalOnce = count('not-in') === 0 || count('not-in', '!=') === 1;
  return count('array-contains', 'array-contains-any') <= 1 && isUnequalOnce && alternatives(each) <= 30;
}

function alternatives(each: Filter): number {
  if ('all' in each) return each.all.map(alternatives).reduce((product, count) => product * count, 1);
  if ('any' in each) return each.any.map(alternatives).reduce((sum, count) => sum + count, 0);
  const isList = each.op === 'in' || each.op === 'array-contains-any';
  return isList && Array.isArray(each.value) ? each.value.length : 1;
}

/** A cursor has at most a value for each order, and on the name an id. */
function cutTo(cursor: Bound | null, orders: Spec['orderBy']): Bound | undefined {
  if (cursor === null || orders.length === 0) return undefined;
  const values = cursor.values.slice(0, orders.length);
  return { ...cursor, values: values.map((value, n) => (orders[n]?.field === '__name__' ? '5' : value)) };
}

const indexes: FirestoreOptions['indexes'] = [
  {
    fields: [
      { fieldPath: 'a', order: 'ASCENDING' as const },
      { fieldPath: 'b', order: 'DESCENDING' as const },
    ],
  },
  {
    fields: [
      { fieldPath: 'b', order: 'DESCENDING' as const },
      { fieldPath: 'a', order: 'DESCENDING' as const },
    ],
  },
  {
    fields: [
      { fieldPath: 'a', arrayConfig: 'CONTAINS' as const },
      { fieldPath: 'c', order: 'ASCENDING' as const },
    ],
  },
].map((index) => ({ ...index, collectionGroup: 'c' }));

test('whatever is written, a query finds what a simple model of Firestore finds, in its order', async (t) => {
  const { db } = await startLocal(t, { indexes });
  let run = 0;
  const property = fc.asyncProperty(
    fc.array(data, { minLength: DOCUMENTS, maxLength: DOCUMENTS }),
    fc.array(step, { minLength: 10, maxLength: 30 }),
    async (initial, steps) => {
      const collection = db.collection(`run/${run++}/c`);
      const documents = new Map(initial.map((each, n) => [String(n), each]));
      const batch = db.batch();
      for (const [name, each] of documents) batch.set(collection.doc(name), each);
      const [written] = await batch.commit();
      const history = [{ readTime: written?.writeTime ?? Timestamp.now(), documents: new Map(documents) }];
      for (const each of steps) {
        if ('query' in each) {
          const query = queryOf(collection, each.query);
          const moment = history.at(-1 - each.back) ?? history[0];
          const { docs } =
            moment === undefined || each.back === 0 ? await query.get() : await lookBack(db, query, moment.readTime);
          const expected = find(moment?.documents ?? documents, each.query);
          t.deepEqual(
            docs.map((doc) => doc.id),
            expected,
            JSON.stringify(each),
          );
        } else {
          const { writeTime } = await apply(collection, documents, each);
          // What changes nothing answers when the document was last changed.
          if (history.every(({ readTime }) => readTime < writeTime)) {
            history.push({ readTime: writeTime, documents: new Map(documents) });
          }
        }
      }
    },
  );
  await fc.assert(property, { numRuns: 40, seed: 20260401, endOnFailure: true });
});

function apply(
  collection: CollectionReference,
  documents: Map<string, Data>,
  step: Exclude<Step, { query: Spec }>,
): Promise<WriteResult> {
  if ('put' in step) {
    documents.set(step.put, step.data);
    return collection.doc(step.put).set(step.data);
  }
  documents.delete(step.delete);
  return collection.doc(step.delete).delete();
}

function lookBack(db: Firestore, query: Query, readTime: Timestamp): Promise<QuerySnapshot> {
  return db.runTransaction((transaction) => transaction.get(query), { readOnly: true, readTime });
}

function queryOf(collection: Query, { where, orderBy, start, end, offset, limit, toLast }: Spec): Query {
  let query = where === undefined ? collection : collection.where(clientFilter(where));
  for (const each of orderBy) query = query.orderBy(pathOf(each.field), each.direction);
  if (start !== undefined) query = start.inclusive ? query.startAt(...start.values) : query.startAfter(...start.values);
  if (end !== undefined) query = end.inclusive ? query.endAt(...end.values) : query.endBefore(...end.values);
  if (offset > 0) query = query.offset(offset);
  if (limit === undefined) return query;
  return toLast ? query.limitToLast(limit) : query.limit(limit);
}

function clientFilter(each: Filter): ClientFilter {
  if ('all' in each) return ClientFilter.and(...each.all.map(clientFilter));
  if ('any' in each) return ClientFilter.or(...each.any.map(clientFilter));
  return ClientFilter.where(pathOf(each.field), each.op, each.value);
}

function pathOf(name: string): string | FieldPath {
  return name === '__name__' ? FieldPath.documentId() : name;
}

import { Filter, type Firestore, type Query, type WhereFilterOp } from '@google-cloud/firestore';
import test from 'ava';
import fc from 'fast-check';
import { startLocal } from './local-firestore.ts';

type Scalar = null | boolean | number | string;
type Data = { [field: string]: Scalar | number[] };
type Condition = { field: string; op: WhereFilterOp; value: Scalar | Scalar[] };
type Direction = 'asc' | 'desc';
type Bound = { values: Scalar[]; inclusive: boolean };
interface Spec {
  where: Condition[];
  or: boolean;
  orderBy: { field: string; direction: Direction }[];
  start: Bound | undefined;
  end: Bound | undefined;
  offset: number;
  limit: number | undefined;
}

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(-1.5, 0.5, 1.5),
  fc.constantFrom('', 'a', 'ab', 'b', '\uffee', '🌾'),
);
const field = fc.constantFrom('a', 'b');
const data: fc.Arbitrary<Data> = fc.dictionary(
  field,
  fc.oneof(scalar, fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 })),
);
const notNull = scalar.filter((value) => value !== null);
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ field, op: fc.constantFrom('<', '<=', '>', '>=', '==', '!=' as const), value: notNull }),
  fc.record({ field, op: fc.constantFrom('==', '!=' as const), value: fc.constant(null) }),
  fc.record({ field, op: fc.constant('array-contains' as const), value: fc.integer({ min: 0, max: 2 }) }),
  fc.record({
    field,
    op: fc.constantFrom('in', 'not-in', 'array-contains-any' as const),
    value: fc.array(scalar, { minLength: 1, maxLength: 3 }),
  }),
);
const spec: fc.Arbitrary<Spec> = fc
  .record({
    where: fc.array(condition, { maxLength: 2 }),
    or: fc.boolean(),
    orderBy: fc.uniqueArray(fc.record({ field, direction: fc.constantFrom('asc', 'desc' as const) }), {
      maxLength: 2,
      selector: (order) => order.field,
    }),
    bounds: fc.tuple(fc.option(bound()), fc.option(bound())),
    offset: fc.constantFrom(0, 0, 1, 3),
    limit: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  })
  .map(({ bounds: [start, end], ...rest }) => ({
    ...rest,
    start: cutTo(start, rest.orderBy.length),
    end: cutTo(end, rest.orderBy.length),
  }));

function bound(): fc.Arbitrary<Bound> {
  return fc.record({ values: fc.array(scalar, { minLength: 1, maxLength: 2 }), inclusive: fc.boolean() });
}

/** A cursor has at most a value for each order, and none without any. */
function cutTo(cursor: Bound | null, orders: number): Bound | undefined {
  return cursor === null || orders === 0 ? undefined : { ...cursor, values: cursor.values.slice(0, orders) };
}

test('a query finds what a simple model of Firestore finds, in its order', async (t) => {
  const { db } = await startLocal(t);
  let run = 0;
  const property = fc.asyncProperty(
    fc.array(data, { minLength: 1, maxLength: 8 }),
    fc.array(spec, { minLength: 1, maxLength: 5 }),
    async (documents, specs) => {
      const collection = `run${run++}`;
      const batch = db.batch();
      for (const [n, document] of documents.entries()) batch.set(db.doc(`${collection}/${n}`), document);
      await batch.commit();
      for (const each of specs) {
        const { docs } = await queryOf(db, collection, each).get();
        t.deepEqual(
          docs.map(({ id }) => id),
          model(documents, each),
          JSON.stringify(each),
        );
      }
    },
  );
  await fc.assert(property, { numRuns: 120, seed: 20260401 });
});

function queryOf(db: Firestore, collection: string, { where, or, orderBy, start, end, offset, limit }: Spec): Query {
  let query: Query = db.collection(collection);
  const conditions = where.map(({ field, op, value }) => Filter.where(field, op, value));
  if (conditions.length > 0) query = query.where(or ? Filter.or(...conditions) : Filter.and(...conditions));
  for (const { field, direction } of orderBy) query = query.orderBy(field, direction);
  if (start !== undefined) query = start.inclusive ? query.startAt(...start.values) : query.startAfter(...start.values);
  if (end !== undefined) query = end.inclusive ? query.endAt(...end.values) : query.endBefore(...end.values);
  if (offset > 0) query = query.offset(offset);
  return limit === undefined ? query : query.limit(limit);
}

function model(documents: Data[], { where, or, orderBy, start, end, offset, limit }: Spec): string[] {
  const inequalities = where.filter(({ op }) => !['==', 'in', 'array-contains', 'array-contains-any'].includes(op));
  const last = orderBy.at(-1)?.direction ?? 'asc';
  const implied = [...new Set(inequalities.map(({ field }) => field))]
    .filter((field) => !orderBy.some((order) => order.field === field))
    .sort()
    .map((field) => ({ field, direction: last }));
  const orders = [...orderBy, ...implied];
  const position = (document: Data, { values }: Bound) =>
    values
      .map((value, n) => signed(order(document[orders[n]?.field ?? ''], value), orders[n]?.direction))
      .find(Boolean) ?? 0;
  const found = documents
    .map((document, n) => ({ document, id: String(n) }))
    .filter(({ document }) => orders.every(({ field }) => Object.hasOwn(document, field)))
    .filter(({ document }) => {
      if (where.length === 0) return true;
      return or ? where.some((each) => holds(document, each)) : where.every((each) => holds(document, each));
    })
    .filter(({ document }) => {
      const afterStart = start === undefined ? 1 : position(document, start);
      const afterEnd = end === undefined ? -1 : position(document, end);
      return (start?.inclusive ? afterStart >= 0 : afterStart > 0) && (end?.inclusive ? afterEnd <= 0 : afterEnd < 0);
    })
    .sort((left, right) => {
      for (const { field, direction } of orders) {
        const sign = signed(order(left.document[field], right.document[field]), direction);
        if (sign !== 0) return sign;
      }
      return signed(left.id < right.id ? -1 : 1, last);
    });
  return found.slice(offset, limit === undefined ? undefined : offset + limit).map(({ id }) => id);
}

function holds(document: Data, { field, op, value }: Condition): boolean {
  if (!Object.hasOwn(document, field)) return false;
  const own = document[field];
  const isEqual = (other: unknown) => order(own, other) === 0;
  const values = Array.isArray(value) ? value : [];
  switch (op) {
    case '==':
      return isEqual(value);
    case '!=':
      return own !== null && !isEqual(value);
    case 'in':
      return values.some(isEqual);
    case 'not-in':
      return own !== null && !values.includes(null) && !values.some(isEqual);
    case 'array-contains':
      return Array.isArray(own) && own.some((element) => element === value);
    case 'array-contains-any':
      return Array.isArray(own) && own.some((element) => values.includes(element));
    default: {
      if (rank(own) !== rank(value)) return false;
      const sign = order(own, value);
      return op === '<' ? sign < 0 : op === '<=' ? sign <= 0 : op === '>' ? sign > 0 : sign >= 0;
    }
  }
}

function rank(value: unknown): number {
  if (value === null) return 0;
  return ['boolean', 'number', 'string', 'object'].indexOf(typeof value) + 1;
}

function order(left: unknown, right: unknown): number {
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(String(right)));
  if (!Array.isArray(left) || !Array.isArray(right)) return Number(left) - Number(right);
  for (let n = 0; n < Math.min(left.length, right.length); n++) {
    if (left[n] !== right[n]) return left[n] - right[n];
  }
  return left.length - right.length;
}

function signed(sign: number, direction: Direction | undefined): number {
  return direction === 'desc' ? -sign : sign;
}

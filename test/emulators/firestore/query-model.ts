import type { WhereFilterOp } from '@google-cloud/firestore';

/** Firestore's queries over a handful of types, as simple as they can be told: what the server is compared with. */

export type Plain = null | boolean | number | string | Plain[] | { x: number };
export type Data = { [field: string]: Plain };
export type Direction = 'asc' | 'desc';

/** On a document's id where the field is `__name__`. */
export interface Condition {
  field: string;
  op: WhereFilterOp;
  value: Plain;
}

export type Filter = Condition | { all: Filter[] } | { any: Filter[] };

export interface Bound {
  values: Plain[];
  inclusive: boolean;
}

export interface Spec {
  where: Filter | undefined;
  orderBy: { field: string; direction: Direction }[];
  start: Bound | undefined;
  end: Bound | undefined;
  offset: number;
  limit: number | undefined;
  /** Whether the limit counts from the end. */
  toLast: boolean;
}

interface Row {
  id: string;
  data: Data;
}

const EQUALITIES = ['==', 'in', 'array-contains', 'array-contains-any'];

/** The ids of the documents that a query finds, in its order. */
export function find(documents: ReadonlyMap<string, Data>, spec: Spec): string[] {
  const orders = ordersOf(spec);
  const position = (row: Row, { values }: Bound) =>
    values.map((value, n) => signed(order(read(row, orders[n]?.field), value), orders[n]?.direction)).find(Boolean) ??
    0;
  const found = [...documents]
    .map(([id, data]) => ({ id, data }))
    .filter((row) => orders.every(({ field }) => read(row, field) !== undefined))
    .filter((row) => spec.where === undefined || holds(row, spec.where))
    .filter((row) => spec.start === undefined || isWithin(position(row, spec.start), spec.start))
    .filter((row) => spec.end === undefined || isWithin(-position(row, spec.end), spec.end))
    .sort((left, right) => {
      const signs = orders.map(({ field, direction }) =>
        signed(order(read(left, field), read(right, field)), direction),
      );
      return signs.find(Boolean) ?? 0;
    })
    .map(({ id }) => id);
  if (spec.limit === undefined) return found.slice(spec.offset);
  return spec.toLast ? found.slice(-spec.limit) : found.slice(spec.offset, spec.offset + spec.limit);
}

export function conditionsIn(filter: Filter | undefined): Condition[] {
  if (filter === undefined) return [];
  if ('all' in filter) return filter.all.flatMap(conditionsIn);
  return 'any' in filter ? filter.any.flatMap(conditionsIn) : [filter];
}

function ordersOf({ orderBy, where }: Spec): Spec['orderBy'] {
  const direction = orderBy.at(-1)?.direction ?? 'asc';
  const isOrdered = (field: string) => orderBy.some((each) => each.field === field);
  const unequal = conditionsIn(where).filter(({ op }) => !EQUALITIES.includes(op));
  const implied = [...new Set(unequal.map(({ field }) => field))].filter((field) => field !== '__name__').sort();
  return [
    ...orderBy,
    ...[...implied, '__name__'].filter((field) => !isOrdered(field)).map((field) => ({ field, direction })),
  ];
}

function isWithin(sign: number, { inclusive }: Bound): boolean {
  return inclusive ? sign >= 0 : sign > 0;
}

function read({ id, data }: Row, field = ''): Plain | undefined {
  if (field === '__name__') return id;
  return Object.hasOwn(data, field) ? data[field] : undefined;
}

function holds(row: Row, filter: Filter): boolean {
  if ('all' in filter) return filter.all.every((part) => holds(row, part));
  if ('any' in filter) return filter.any.some((part) => holds(row, part));
  const own = read(row, filter.field);
  return own !== undefined && meets(own, filter);
}

function meets(own: Plain, { op, value }: Condition): boolean {
  const isEqual = (other: Plain) => order(own, other) === 0;
  const values = Array.isArray(value) ? value : [];
  const elements = Array.isArray(own) ? own : [];
  const sign = order(own, value);
  const isComparable = rank(own) === rank(value) && !Number.isNaN(own);
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
      return elements.some((element) => order(element, value) === 0);
    case 'array-contains-any':
      return elements.some((element) => values.some((other) => order(element, other) === 0));
    case '<':
      return isComparable && sign < 0;
    case '<=':
      return isComparable && sign <= 0;
    case '>':
      return isComparable && sign > 0;
    case '>=':
      return isComparable && sign >= 0;
  }
}

function rank(value: Plain | undefined): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'object') return Array.isArray(value) ? 4 : 5;
  return ['boolean', 'number', 'string'].indexOf(typeof value) + 1;
}

function order(left: Plain | undefined, right: Plain | undefined): number {
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(String(right)));
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.map((each, n) => (n < right.length ? order(each, right[n]) : 1)).find(Boolean) ?? left.length - right.length
    );
  }
  if (isMap(left) && isMap(right)) return left.x - right.x;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  return Number(left) - Number(right);
}

function isMap(value: Plain | undefined): value is { x: number } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function signed(sign: number, direction: Direction | undefined): number {
  return direction === 'desc' ? -sign : sign;
}

import type { Condition } from './condition.ts';
import { NAME } from './field-path.ts';
import {
  directionOf,
  type Edge,
  type IndexField,
  type IndexFields,
  nameDirection,
  type Range,
} from './ordered-index.ts';
import type { Query } from './query.ts';
import type { Cursor, SortField } from './query-order.ts';
import { kindOf } from './values.ts';

/** How to find candidates for one alternative of a query: a part of an index, in its order or the other way round. */
export interface Access {
  /** Those of the alternative. */
  conditions: readonly Condition[];
  fields: IndexFields;
  range: Range;
  reverse: boolean;
  /** By how many of the query's sort fields the candidates come in order. */
  ordered: number;
  /** How much of the work the index takes over, to choose by. */
  score: number;
}

/** What an index saves: to look at other values of a field, at the rest of a range, at what lies behind the limit. */
const SCORE = { equality: 16, range: 4, limit: 2, order: 1 };

/**
 * All good ways to find what one alternative of a query matches, of single-field indexes, which every field has, and the
 * given composite ones. Each finds all that matches, and more: the query's own test decides.
 */
export function accessesTo(
  query: Query,
  conditions: readonly Condition[],
  composites: readonly IndexFields[],
): Access[] {
  const candidates = [...singleFields(query, conditions), ...composites]
    .map((fields) => accessBy(fields, query, conditions))
    .filter((access) => access !== undefined);
  const best = Math.max(...candidates.map(({ score }) => score));
  return candidates.filter(({ score }) => score === best);
}

function singleFields({ sort }: Query, conditions: readonly Condition[]): IndexFields[] {
  const contained = conditions
    .filter(({ operator }) => operator === 'ARRAY_CONTAINS')
    .map(({ fieldPath }) => fieldPath);
  const valued = [...conditions, ...sort].map(({ fieldPath }) => fieldPath);
  const fields: IndexField[] = [
    ...[...new Set(contained)].map((fieldPath) => ({ fieldPath, mode: 'CONTAINS' as const })),
    ...[...new Set(valued)]
      .filter((path) => path !== NAME)
      .map((path) => ({ fieldPath: path, mode: 'ASCENDING' as const })),
  ];
  return [[], ...fields.map((field) => [field])];
}

/** Undefined where the index may lack a document that matches, or has one twice. */
function accessBy(fields: IndexFields, query: Query, conditions: readonly Condition[]): Access | undefined {
  const named = new Set([...conditions, ...query.sort].map(({ fieldPath }) => fieldPath));
  if (fields.some(({ fieldPath }) => !named.has(fieldPath))) return undefined;
  const columns: IndexFields = [
    ...fields,
    { fieldPath: NAME, mode: nameDirection(fields) === 1 ? 'ASCENDING' : 'DESCENDING' },
  ];
  const equalities = leadingEqualities(columns, conditions);
  if (fields.slice(equalities.length).some(({ mode }) => mode === 'CONTAINS')) return undefined;
  const rest = columns.slice(equalities.length);
  const inOrder = alignment(rest, query.sort, conditions);
  const { ordered, reverse } = inOrder;
  const [from, to] = edgesOf(rest, inOrder, query, conditions);
  const range = { from: [...equalities, ...from], to: [...equalities, ...to] };
  const saved = { order: ordered > 0 ? 1 : 0, limit: query.limit !== undefined && ordered > 0 ? 1 : 0 };
  const score =
    equalities.length * SCORE.equality +
    (from.length + to.length > 0 ? SCORE.range : 0) +
    saved.limit * SCORE.limit +
    saved.order * SCORE.order;
  return { conditions, fields, range, reverse, ordered, score };
}

function leadingEqualities(columns: IndexFields, conditions: readonly Condition[]): Edge[] {
  const edges: Edge[] = [];
  for (const { fieldPath, mode } of columns) {
    const operator = mode === 'CONTAINS' ? 'ARRAY_CONTAINS' : 'EQUAL';
    const equality = conditions.find((each) => each.fieldPath === fieldPath && each.operator === operator);
    if (equality === undefined) break;
    edges.push({ value: equality.operand });
  }
  return edges;
}

interface Alignment {
  /** How many sort fields the columns put in order. */
  ordered: number;
  reverse: boolean;
}

/** A sort field that must equal one value is in order wherever it stands. */
function alignment(columns: IndexFields, sort: readonly SortField[], conditions: readonly Condition[]): Alignment {
  let reverse: boolean | undefined;
  let ordered = 0;
  let used = 0;
  for (const { fieldPath, direction } of sort) {
    if (equalityOn(fieldPath, conditions) === undefined) {
      const column = columns[used];
      if (column?.fieldPath !== fieldPath) break;
      const isBackwards = directionOf(column.mode) !== direction;
      if (isBackwards !== (reverse ?? isBackwards)) break;
      reverse = isBackwards;
      used++;
    }
    ordered++;
  }
  return { ordered, reverse: reverse ?? false };
}

function equalityOn(fieldPath: string, conditions: readonly Condition[]): Condition | undefined {
  return conditions.find((each) => each.operator === 'EQUAL' && each.fieldPath === fieldPath);
}

/** The edges of the columns behind the equalities, from the conditions on the first of them or from the cursors. */
function edgesOf(
  columns: IndexFields,
  { ordered, reverse }: Alignment,
  { sort, start, end }: Query,
  conditions: readonly Condition[],
): [from: readonly Edge[], to: readonly Edge[]] {
  const [first] = columns;
  if (first === undefined) return [[], []];
  const own = conditions.filter(({ fieldPath }) => fieldPath === first.fieldPath);
  const [low, high] = limitsOf(own);
  const [from, to] = directionOf(first.mode) === 1 ? [low, high] : [high, low];
  const sorted = sort.slice(0, ordered);
  const starting = start === undefined ? undefined : cursorEdges(start, sorted, conditions, own);
  const ending = end === undefined ? undefined : cursorEdges(end, sorted, conditions, own);
  return reverse ? [ending ?? from, starting ?? to] : [starting ?? from, ending ?? to];
}

/** The values of a cursor for the columns; undefined where it lies outside of the conditions, which then limit more. */
function cursorEdges(
  { values }: Cursor,
  sorted: readonly SortField[],
  conditions: readonly Condition[],
  own: readonly Condition[],
): Edge[] | undefined {
  const edges: Edge[] = [];
  for (const [at, { fieldPath }] of sorted.entries()) {
    const value = values[at];
    if (value === undefined) break;
    const equality = equalityOn(fieldPath, conditions);
    if (equality === undefined) edges.push({ value });
    // Before or behind the cursor as a whole: what follows in it says nothing.
    else if (!equality.test(value)) break;
  }
  const [first] = edges;
  if (first === undefined || !('value' in first)) return undefined;
  return own.every(({ test }) => test(first.value)) ? edges : undefined;
}

/** The lowest and the highest values that ranges on one field leave, which are of one kind. */
function limitsOf(conditions: readonly Condition[]): [low: Edge[], high: Edge[]] {
  let low: Edge[] = [];
  let high: Edge[] = [];
  for (const { operator, operand } of conditions) {
    const ofKind: Edge[] = [{ kind: kindOf(operand) }];
    if (operator === 'GREATER_THAN' || operator === 'GREATER_THAN_OR_EQUAL') {
      low = [{ value: operand }];
      if (high.length === 0) high = ofKind;
    } else if (operator === 'LESS_THAN' || operator === 'LESS_THAN_OR_EQUAL') {
      high = [{ value: operand }];
      if (low.length === 0) low = ofKind;
    }
  }
  return [low, high];
}

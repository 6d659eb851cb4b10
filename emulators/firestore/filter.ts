import { alternativesOf, type Condition, condition, FIELD_OPERATORS } from './condition.ts';
import { fieldReader } from './field-path.ts';
import { type Document, enumNumber, type google, type Value } from './proto.ts';
import { invalidArgument } from './status.ts';
import { NULL } from './values.ts';

type FilterMessage = google.firestore.v1.StructuredQuery.IFilter;
type FieldFilter = google.firestore.v1.StructuredQuery.IFieldFilter;
type UnaryFilter = google.firestore.v1.StructuredQuery.IUnaryFilter;

export type Predicate = (document: Document) => boolean;

/** A query's filter. */
export type Filter = { kind: 'all' | 'any'; parts: Filter[] } | { kind: 'condition'; condition: Condition };

const AND = 1;
const OR = 2;

const NAN: Value = { doubleValue: Number.NaN };

/** StructuredQuery.UnaryFilter.Operator, by number. */
const UNARY_OPERATORS = [
  undefined,
  undefined,
  ['EQUAL', NAN],
  ['EQUAL', NULL],
  ['NOT_EQUAL', NAN],
  ['NOT_EQUAL', NULL],
] as const;

/** https://firebase.google.com/docs/firestore/query-data/queries#limits_on_or_queries */
const MAX_DISJUNCTIONS = 30;

/** Reads a query's filter. Throws INVALID_ARGUMENT for one that means nothing. */
export function readFilter(message: FilterMessage): Filter {
  if (message.compositeFilter != null) return readComposite(message.compositeFilter);
  if (message.fieldFilter != null) return { kind: 'condition', condition: readFieldFilter(message.fieldFilter) };
  if (message.unaryFilter != null) return { kind: 'condition', condition: readUnary(message.unaryFilter) };
  throw invalidArgument('A filter must say what it compares.');
}

export function predicateOf(filter: Filter): Predicate {
  if (filter.kind === 'condition') {
    const { fieldPath, test } = filter.condition;
    const read = fieldReader(fieldPath);
    return (document) => {
      const value = read(document);
      return value !== undefined && test(value);
    };
  }
  const parts = filter.parts.map(predicateOf);
  return filter.kind === 'all'
    ? (document) => parts.every((matches) => matches(document))
    : (document) => parts.some((matches) => matches(document));
}

export function conditionsOf(filter: Filter): Condition[] {
  return filter.kind === 'condition' ? [filter.condition] : filter.parts.flatMap(conditionsOf);
}

/**
 * The same filter as alternatives, of each of which all conditions must hold: what the query scans indexes for.
 * Throws INVALID_ARGUMENT where there are more than the real service takes.
 */
export function disjunctsOf(filter: Filter): Condition[][] {
  const disjuncts = expand(filter);
  for (const conditions of disjuncts) checkDisjunct(conditions);
  return disjuncts;
}

function expand(filter: Filter): Condition[][] {
  if (filter.kind === 'condition') return alternativesOf(filter.condition).map((each) => [each]);
  if (filter.kind === 'any') return limited(filter.parts.flatMap(expand));
  return filter.parts
    .map(expand)
    .reduce((left, right) => limited(left.flatMap((some) => right.map((others) => [...some, ...others]))), [[]]);
}

function limited(disjuncts: Condition[][]): Condition[][] {
  if (disjuncts.length <= MAX_DISJUNCTIONS) return disjuncts;
  throw invalidArgument(
    `Invalid query. The query has ${disjuncts.length} disjunctions, more than the maximum of ${MAX_DISJUNCTIONS}.`,
  );
}

function checkDisjunct(conditions: readonly Condition[]): void {
  const count = (...operators: Condition['operator'][]) =>
    conditions.filter(({ operator }) => operators.includes(operator)).length;
  if (count('ARRAY_CONTAINS') > 1) {
    throw invalidArgument("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.");
  }
  if (count('NOT_IN') > 0 && count('NOT_IN', 'NOT_EQUAL') > 1) {
    throw invalidArgument(
      "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query.",
    );
  }
}

function readComposite({ op, filters }: google.firestore.v1.StructuredQuery.ICompositeFilter): Filter {
  const parts = (filters ?? []).map(readFilter);
  if (parts.length === 0) throw invalidArgument('A composite filter must have at least one filter.');
  const operator = enumNumber(op);
  if (operator !== AND && operator !== OR) throw invalidArgument('A composite filter must be AND or OR.');
  return { kind: operator === AND ? 'all' : 'any', parts };
}

function readFieldFilter({ field, op, value }: FieldFilter): Condition {
  const operator = FIELD_OPERATORS[enumNumber(op) - 1];
  if (operator === undefined) throw invalidArgument('A field filter must name an operator.');
  return condition(fieldPathOf(field), operator, value ?? NULL);
}

function readUnary({ op, field }: UnaryFilter): Condition {
  const meaning = UNARY_OPERATORS[enumNumber(op)];
  if (meaning === undefined) throw invalidArgument('A unary filter must name an operator.');
  const [operator, operand] = meaning;
  return condition(fieldPathOf(field), operator, operand);
}

function fieldPathOf(field: google.firestore.v1.StructuredQuery.IFieldReference | null | undefined): string {
  const fieldPath = field?.fieldPath;
  if (!fieldPath) throw invalidArgument('A filter must name a field.');
  return fieldPath;
}

import { fieldReader } from './field-path.ts';
import type { Document, Fields, google, Value } from './proto.ts';
import { invalidArgument } from './status.ts';
import { exactNumber, integer, kindOf, NULL } from './values.ts';

type AggregationMessage = google.firestore.v1.StructuredAggregationQuery.IAggregation;

/** https://firebase.google.com/docs/firestore/query-data/aggregation-queries */
const MAX_AGGREGATIONS = 5;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

interface Aggregation {
  alias: string;
  /** Undefined for a count. */
  read: ((document: Document) => Value | undefined) | undefined;
  result(documents: Document[]): Value;
}

/** The results of aggregations by alias, over those documents that have every field aggregated. */
export function aggregate(messages: readonly AggregationMessage[], found: readonly Document[]): Fields {
  if (messages.length === 0) throw invalidArgument('An aggregation query must have an aggregation.');
  if (messages.length > MAX_AGGREGATIONS) {
    throw invalidArgument(
      `The maximum number of aggregations allowed in an aggregation query is ${MAX_AGGREGATIONS}. Received: ${messages.length}`,
    );
  }
  const aggregations = messages.map((message, index) => readAggregation(message, `field_${index + 1}`));
  if (new Set(aggregations.map(({ alias }) => alias)).size < aggregations.length) {
    throw invalidArgument('Aggregation aliases contain duplicates.');
  }
  const needed = aggregations.map(({ read }) => read).filter((read) => read !== undefined);
  const documents = found.filter((document) => needed.every((read) => read(document) !== undefined));
  return Object.fromEntries(aggregations.map(({ alias, result }) => [alias, result(documents)]));
}

/** The fields that are summed up or averaged. */
export function aggregatedFields(messages: readonly AggregationMessage[]): string[] {
  return messages
    .map(({ sum, avg }) => sum?.field?.fieldPath ?? avg?.field?.fieldPath)
    .filter((fieldPath) => fieldPath != null);
}

function readAggregation(message: AggregationMessage, defaultAlias: string): Aggregation {
  const alias = message.alias || defaultAlias;
  if (message.count != null) {
    const upTo = message.count.upTo == null ? Number.POSITIVE_INFINITY : Number(message.count.upTo.value ?? 0);
    if (upTo <= 0) throw invalidArgument('The limit of a count must be above 0.');
    return { alias, read: undefined, result: ({ length }) => ({ integerValue: Math.min(length, upTo) }) };
  }
  const field = message.sum?.field ?? message.avg?.field;
  if (!field?.fieldPath) throw invalidArgument('An aggregation must be a count, or name the field it aggregates.');
  const read = fieldReader(field.fieldPath);
  const combine = message.sum == null ? average : sum;
  return { alias, read, result: (documents) => combine(numbersIn(documents, read)) };
}

function numbersIn(documents: Document[], read: (document: Document) => Value | undefined): Value[] {
  return documents.map(read).filter((value) => value !== undefined && kindOf(value) === 'number') as Value[];
}

/** An integer while all are integers and int64 holds it; else a double. */
function sum(numbers: Value[]): Value {
  const whole = numbers.every(({ integerValue }) => integerValue != null);
  if (!whole) return { doubleValue: doubleSum(numbers) };
  const total = numbers.reduce((subtotal, { integerValue }) => subtotal + BigInt(integerValue ?? 0), 0n);
  return total > MAX_INT64 || total < MIN_INT64 ? { doubleValue: Number(total) } : integer(total);
}

function average(numbers: Value[]): Value {
  return numbers.length === 0 ? NULL : { doubleValue: doubleSum(numbers) / numbers.length };
}

function doubleSum(numbers: Value[]): number {
  return numbers.reduce((subtotal, value) => subtotal + Number(exactNumber(value)), 0);
}

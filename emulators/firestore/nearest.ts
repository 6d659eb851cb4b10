import { fieldReader, parseFieldPath, withValueAt } from './field-path.ts';
import { type Document, enumNumber, type google, type Value } from './proto.ts';
import { invalidArgument } from './status.ts';
import { compareNames } from './text-order.ts';
import { elementsOf, exactNumber, kindOf, normaliseValue } from './values.ts';

type NearestMessage = google.firestore.v1.StructuredQuery.IFindNearest;

/** https://firebase.google.com/docs/firestore/vector-search#limitations */
const MAX_DIMENSIONS = 2_048;
const MAX_NEIGHBOURS = 1_000;

/** A search for the vectors nearest to one. */
export interface Nearest {
  fieldPath: string;
  dimensions: number;
  /** The nearest first; with the distance as a field, where one is asked for. */
  among(documents: readonly Document[]): Document[];
}

interface Measure {
  distance(left: readonly number[], right: readonly number[]): number;
  /** 1: the smallest is the nearest. */
  direction: 1 | -1;
}

/** StructuredQuery.FindNearest.DistanceMeasure, by number. */
const MEASURES: readonly (Measure | undefined)[] = [
  undefined,
  {
    distance: (left, right) => Math.sqrt(left.reduce((sum, x, at) => sum + (x - (right[at] ?? 0)) ** 2, 0)),
    direction: 1,
  },
  {
    distance: (left, right) =>
      1 - dotProduct(left, right) / Math.sqrt(dotProduct(left, left) * dotProduct(right, right)),
    direction: 1,
  },
  { distance: dotProduct, direction: -1 },
];

/** Reads a search as decoded from the wire. Throws INVALID_ARGUMENT. */
export function readNearest(message: NearestMessage): Nearest {
  const fieldPath = message.vectorField?.fieldPath ?? '';
  parseFieldPath(fieldPath);
  const measure = MEASURES[enumNumber(message.distanceMeasure)];
  if (measure === undefined) throw invalidArgument('FindNearest must have a distance measure.');
  const wanted = queryVector(message.queryVector);
  const limit = message.limit?.value ?? 0;
  if (limit < 1 || limit > MAX_NEIGHBOURS) {
    throw invalidArgument(`FindNearest limit must be a positive integer of no more than ${MAX_NEIGHBOURS}.`);
  }
  const threshold = message.distanceThreshold?.value ?? undefined;
  const resultField = message.distanceResultField || undefined;
  const read = fieldReader(fieldPath);
  return {
    fieldPath,
    dimensions: wanted.length,
    among(documents) {
      const { distance, direction } = measure;
      return (
        documents
          .flatMap((document) => {
            const vector = vectorOf(read(document));
            return vector?.length === wanted.length ? [{ document, at: distance(vector, wanted) }] : [];
          })
          // A vector without a direction has no angle to another.
          .filter(({ at }) => !Number.isNaN(at) && (threshold === undefined || (at - threshold) * direction <= 0))
          .sort((left, right) => (left.at - right.at) * direction || byName(left.document, right.document))
          .slice(0, limit)
          .map(({ document, at }) => (resultField === undefined ? document : withDistance(document, resultField, at)))
      );
    },
  };
}

/** The numbers of a vector value; undefined where the value is none. */
function vectorOf(value: Value | undefined): number[] | undefined {
  if (value === undefined || kindOf(value) !== 'vector') return undefined;
  return elementsOf(value).map((element) => Number(exactNumber(element)));
}

function queryVector(value: Value | null | undefined): number[] {
  if (value != null) normaliseValue(value);
  const vector = vectorOf(value ?? undefined);
  if (vector === undefined) throw invalidArgument('FindNearest must have a query vector.');
  if (vector.length === 0) throw invalidArgument('FindNearest query vector must not be empty.');
  if (vector.length > MAX_DIMENSIONS) {
    throw invalidArgument(`FindNearest query vector must be of no more than ${MAX_DIMENSIONS} dimensions.`);
  }
  return vector;
}

function withDistance(document: Document, field: string, distance: number): Document {
  return { ...document, fields: withValueAt(document.fields, parseFieldPath(field), { doubleValue: distance }) };
}

function byName(left: Document, right: Document): number {
  return compareNames(left.name, right.name);
}

function dotProduct(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, x, at) => sum + x * (right[at] ?? 0), 0);
}

import { type FieldPath, parseFieldPath, valueAt } from './field-path.ts';
import { type Document, enumNumber, type google, type Value } from './proto.ts';
import { invalidArgument } from './status.ts';
import { compareValues, equalValues } from './value-order.ts';
import { elementsOf, kindOf, NULL, normaliseValue } from './values.ts';

type FilterMessage = google.firestore.v1.StructuredQuery.IFilter;
type FieldFilter = google.firestore.v1.StructuredQuery.IFieldFilter;
type UnaryFilter = google.firestore.v1.StructuredQuery.IUnaryFilter;

export type Predicate = (document: Document) => boolean;
type Test = (value: Value) => boolean;

/** The document's name, in queries. */
export const NAME = '__name__';

const AND = 1;
const OR = 2;

/** StructuredQuery.FieldFilter.Operator, by number. */
const FIELD_OPERATORS = ['', '<', '<=', '>', '>=', '==', '!=', 'array-contains', 'in', 'array-contains-any', 'not-in'];
const INEQUALITIES = new Set(['<', '<=', '>', '>=', '!=', 'not-in']);

/** StructuredQuery.UnaryFilter.Operator, by number. */
const UNARY_OPERATORS = ['', '', 'is-nan', 'is-null', 'is-not-nan', 'is-not-null'];

/** https://firebase.google.com/docs/firestore/query-data/queries#limits_on_or_queries */
const MAX_DISJUNCTION = 30;

/** A filter, ready to run: what it keeps, and the fields on which it is not an equality. */
export interface Filter {
  matches: Predicate;
  inequalities: string[];
}

/** Reads a query's filter. Throws INVALID_ARGUMENT for one that means nothing. */
export function readFilter(message: FilterMessage): Filter {
  if (message.compositeFilter != null) return readComposite(message.compositeFilter);
  if (message.fieldFilter != null) return readFieldFilter(message.fieldFilter);
  if (message.unaryFilter != null) return readUnary(message.unaryFilter);
  throw invalidArgument('A filter must say what it compares.');
}

/** What reads a field of a document; the name is a reference. */
export function fieldReader(fieldPath: string): (document: Document) => Value | undefined {
  if (fieldPath === NAME) return ({ name }) => ({ referenceValue: name });
  const path: FieldPath = parseFieldPath(fieldPath);
  const [only] = path;
  if (path.length === 1 && only !== undefined) {
    return ({ fields }) => (Object.hasOwn(fields, only) ? fields[only] : undefined);
  }
  return ({ fields }) => valueAt(fields, path);
}

function readComposite({ op, filters }: google.firestore.v1.StructuredQuery.ICompositeFilter): Filter {
  const parts = (filters ?? []).map(readFilter);
  if (parts.length === 0) throw invalidArgument('A composite filter must have at least one filter.');
  const inequalities = parts.flatMap((part) => part.inequalities);
  const operator = enumNumber(op);
  if (operator === AND) return { matches: (document) => parts.every((part) => part.matches(document)), inequalities };
  if (operator === OR) return { matches: (document) => parts.some((part) => part.matches(document)), inequalities };
  throw invalidArgument('A composite filter must be AND or OR.');
}

function readFieldFilter({ field, op, value }: FieldFilter): Filter {
  const fieldPath = fieldPathOf(field);
  const operator = FIELD_OPERATORS[enumNumber(op)];
  if (!operator) throw invalidArgument('A field filter must name an operator.');
  const operand = value ?? NULL;
  normaliseOperand(operand);
  if (fieldPath === NAME) checkNames(operator, operand);
  return onField(fieldPath, testOf(operator, operand), INEQUALITIES.has(operator));
}

/** A filter's operand may be an array of arrays, which no document holds. */
function normaliseOperand(operand: Value): void {
  if (operand.arrayValue == null) normaliseValue(operand);
  else for (const element of elementsOf(operand)) normaliseValue(element);
}

function checkNames(operator: string, operand: Value): void {
  const values = operator === 'in' || operator === 'not-in' ? elementsOf(operand) : [operand];
  if (values.some((value) => value.referenceValue == null)) {
    throw invalidArgument(`A filter on ${NAME} compares with a document reference.`);
  }
}

function testOf(operator: string, operand: Value): Test {
  switch (operator) {
    case '==':
      return (value) => equalValues(value, operand);
    case '!=':
      return (value) => kindOf(value) !== 'null' && !equalValues(value, operand);
    case 'in': {
      const allowed = disjunction(operator, operand);
      return (value) => allowed.some((other) => equalValues(value, other));
    }
    case 'not-in': {
      const refused = disjunction(operator, operand);
      if (refused.some((other) => kindOf(other) === 'null')) return () => false;
      return (value) => kindOf(value) !== 'null' && !refused.some((other) => equalValues(value, other));
    }
    case 'array-contains':
      return (value) => value.arrayValue != null && elementsOf(value).some((element) => equalValues(element, operand));
    case 'array-contains-any': {
      const wanted = disjunction(operator, operand);
      return (value) =>
        value.arrayValue != null &&
        elementsOf(value).some((element) => wanted.some((other) => equalValues(element, other)));
    }
    default:
      return rangeTest(operator, operand);
  }
}

/** A range matches values of the operand's own type only. */
function rangeTest(operator: string, operand: Value): Test {
  const kind = kindOf(operand);
  const keeps = {
    '<': (order: number) => order < 0,
    '<=': (order: number) => order <= 0,
    '>': (order: number) => order > 0,
    '>=': (order: number) => order >= 0,
  }[operator];
  if (keeps === undefined) throw invalidArgument(`Unknown operator ${operator}.`);
  return (value) => kindOf(value) === kind && keeps(compareValues(value, operand));
}

function disjunction(operator: string, operand: Value): Value[] {
  if (operand.arrayValue == null) throw invalidArgument(`'${operator}' requires an array.`);
  const values = elementsOf(operand);
  if (values.length === 0) throw invalidArgument(`'${operator}' requires a non-empty array.`);
  if (values.length > MAX_DISJUNCTION) {
    throw invalidArgument(`'${operator}' supports up to ${MAX_DISJUNCTION} comparison values.`);
  }
  return values;
}

function readUnary({ op, field }: UnaryFilter): Filter {
  const fieldPath = fieldPathOf(field);
  switch (UNARY_OPERATORS[enumNumber(op)]) {
    case 'is-null':
      return onField(fieldPath, (value) => kindOf(value) === 'null', false);
    case 'is-not-null':
      return onField(fieldPath, (value) => kindOf(value) !== 'null', true);
    case 'is-nan':
      return onField(fieldPath, isNotANumber, false);
    case 'is-not-nan':
      return onField(fieldPath, (value) => kindOf(value) !== 'null' && !isNotANumber(value), true);
    default:
      throw invalidArgument('A unary filter must name an operator.');
  }
}

function isNotANumber({ doubleValue }: Value): boolean {
  return doubleValue != null && Number.isNaN(doubleValue);
}

/** A document without the field matches nothing that is said about it. */
function onField(fieldPath: string, test: Test, isInequality: boolean): Filter {
  const read = fieldReader(fieldPath);
  return {
    matches: (document) => {
      const value = read(document);
      return value !== undefined && test(value);
    },
    inequalities: isInequality ? [fieldPath] : [],
  };
}

function fieldPathOf(field: google.firestore.v1.StructuredQuery.IFieldReference | null | undefined): string {
  const fieldPath = field?.fieldPath;
  if (!fieldPath) throw invalidArgument('A filter must name a field.');
  return fieldPath;
}

import avsc, { type Type, type types } from 'avsc';

const INT_LIMIT = 2 ** 31;

/**
 * Holds a parsed JSON value against an Avro type (avro.apache.org/docs/1.11.1/specification/#json-encoding): a union's
 * value names its branch, bytes are text of code points up to U+00FF, and every field is there, since a default is for
 * readers only. Returns what is wrong, with the path, or undefined.
 */
export function avroJsonProblem(type: Type, value: unknown, path: string): string | undefined {
  if (type instanceof avsc.types.RecordType) return recordProblem(type, value, path);
  if (type instanceof avsc.types.WrappedUnionType) return unionProblem(type, value, path);
  if (type instanceof avsc.types.ArrayType) return arrayProblem(type, value, path);
  if (type instanceof avsc.types.MapType) return mapProblem(type, value, path);
  if (type instanceof avsc.types.LogicalType) return avroJsonProblem(type.underlyingType, value, path);
  if (type instanceof avsc.types.EnumType)
    return type.symbols.includes(value as string) ? undefined : `${at(path)} is not one of ${type.symbols.join(', ')}`;
  if (type instanceof avsc.types.FixedType)
    return isBytes(value) && value.length === type.size ? undefined : `${at(path)} is not ${type.size} bytes`;
  return primitives[type.typeName]?.(value) === true
    ? undefined
    : `${at(path)} is not of type ${type.typeName.replace('abstract:', '')}`;
}

const isInteger = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value);
const isNumber = (value: unknown) => typeof value === 'number';
const isBytes = (value: unknown): value is string =>
  typeof value === 'string' && [...value].every((character) => (character.codePointAt(0) ?? 0) <= 0xff);

const primitives: Readonly<Record<string, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  int: (value) => isInteger(value) && value >= -INT_LIMIT && value < INT_LIMIT,
  long: isInteger,
  // Where schema-avro.ts reads it as bigint.
  'abstract:long': isInteger,
  float: isNumber,
  double: isNumber,
  bytes: isBytes,
  string: (value) => typeof value === 'string',
};

function recordProblem(type: types.RecordType, value: unknown, path: string): string | undefined {
  if (!isObject(value)) return `${at(path)} is not an object`;
  for (const field of type.fields) {
    const fieldPath = below(path, field.name);
    if (!Object.hasOwn(value, field.name)) return `${fieldPath} is missing`;
    const problem = avroJsonProblem(field.type, value[field.name], fieldPath);
    if (problem !== undefined) return problem;
  }
  const unknown = Object.keys(value).find((name) => !type.fields.some((field) => field.name === name));
  return unknown === undefined ? undefined : `${below(path, unknown)} is not a field of ${type.branchName}`;
}

function unionProblem(type: types.WrappedUnionType, value: unknown, path: string): string | undefined {
  const names = type.types.map(({ branchName }) => branchName);
  if (value === null) return names.includes('null') ? undefined : `${at(path)} is null`;
  const entries = isObject(value) ? Object.entries(value) : [];
  const [branch, ...more] = entries;
  const chosen = type.types.find(({ branchName }) => branchName === branch?.[0]);
  if (branch === undefined || more.length > 0 || chosen === undefined)
    return `${at(path)} is not an object with one of ${names.join(', ')} as its key`;
  return avroJsonProblem(chosen, branch[1], below(path, branch[0]));
}

function arrayProblem(type: types.ArrayType, value: unknown, path: string): string | undefined {
  if (!Array.isArray(value)) return `${at(path)} is not an array`;
  return firstProblem(value.map((item, index) => () => avroJsonProblem(type.itemsType, item, `${path}[${index}]`)));
}

function mapProblem(type: types.MapType, value: unknown, path: string): string | undefined {
  if (!isObject(value)) return `${at(path)} is not an object`;
  return firstProblem(
    Object.entries(value).map(
      ([key, item]) =>
        () =>
          avroJsonProblem(type.valuesType as Type, item, below(path, key)),
    ),
  );
}

function firstProblem(checks: (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const below = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);
const at = (path: string) => (path === '' ? 'the message' : path);

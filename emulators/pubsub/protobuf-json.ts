import protobuf from 'protobufjs';

/** What is wrong with a JSON value, found at a path. */
type Check = (value: unknown, path: string) => string | undefined;

interface FieldCheck {
  name: string;
  check: Check;
  required: boolean;
}

const checks = new WeakMap<protobuf.Type, Check>();

/**
 * Holds a parsed JSON value against a protocol buffer message, by the proto3 JSON mapping
 * (protobuf.dev/programming-guides/json). Unknown fields and wrong types are refused; null and absent mean unset.
 * Returns what is wrong, with the path, or undefined.
 */
export function jsonProblem(type: protobuf.Type, value: unknown): string | undefined {
  return checkOf(type)(value, '');
}

/** A message's check is built once, and looked up late, so that messages may contain themselves. */
function checkOf(type: protobuf.Type): Check {
  const known = checks.get(type);
  if (known !== undefined) return known;
  const fields = new Map<string, FieldCheck>();
  const check: Check = (value, path) => messageProblem(type, fields, value, path);
  checks.set(type, check);
  for (const field of type.fieldsArray) {
    const entry = { name: field.name, check: fieldCheck(field), required: field.required };
    fields.set(field.name, entry);
    fields.set(jsonName(field), entry);
  }
  return check;
}

function messageProblem(
  type: protobuf.Type,
  fields: Map<string, FieldCheck>,
  value: unknown,
  path: string,
): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at(path)} is not an object`;
  const given = value as Record<string, unknown>;
  const seen = new Set<string>();
  for (const name in given) {
    const field = fields.get(name);
    const fieldPath = path === '' ? name : `${path}.${name}`;
    if (field === undefined) return `${fieldPath} is not a field of ${type.name}`;
    if (seen.has(field.name)) return `${fieldPath} is given twice`;
    seen.add(field.name);
    const problem = given[name] === null ? undefined : field.check(given[name], fieldPath);
    if (problem !== undefined) return problem;
  }
  for (const field of fields.values())
    if (field.required && !seen.has(field.name)) return `${path === '' ? '' : `${path}.`}${field.name} is missing`;
  return oneofProblem(type, given, path);
}

function oneofProblem(type: protobuf.Type, given: Record<string, unknown>, path: string): string | undefined {
  for (const oneof of type.oneofsArray) {
    const set = oneof.fieldsArray.filter((field) => (given[field.name] ?? given[jsonName(field)] ?? null) !== null);
    if (set.length > 1) return `${at(path)} has more than one of ${oneof.name}`;
  }
  return undefined;
}

function fieldCheck(field: protobuf.Field): Check {
  const single = singleCheck(field);
  if (field instanceof protobuf.MapField) return mapCheck(field, single);
  if (!field.repeated) return single;
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} is not an array`;
    for (const [index, item] of value.entries()) {
      const problem = single(item, `${path}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function mapCheck(field: protobuf.MapField, single: Check): Check {
  const key = scalarChecks[field.keyType];
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${path} is not an object`;
    for (const [name, item] of Object.entries(value)) {
      const keyValue = field.keyType === 'bool' ? JSON.parse(name === 'true' || name === 'false' ? name : '0') : name;
      const problem = key?.(keyValue, `${path} key ${name}`) ?? single(item, `${path}.${name}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function singleCheck(field: protobuf.Field): Check {
  const resolved = field.resolve().resolvedType;
  if (resolved instanceof protobuf.Type) return (value, path) => checkOf(resolved)(value, path);
  if (resolved instanceof protobuf.Enum) return enumCheck(resolved);
  const check = scalarChecks[field.type];
  if (check === undefined) throw new Error(`no JSON mapping for ${field.type}`);
  return check;
}

function enumCheck(type: protobuf.Enum): Check {
  return (value, path) => {
    const known = typeof value === 'string' ? Object.hasOwn(type.values, value) : Number.isInteger(value);
    return known ? undefined : `${path} is not one of ${Object.keys(type.values).join(', ')}`;
  };
}

function integer(minimum: bigint, maximum: bigint): Check {
  return (value, path) => {
    const whole =
      typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && /^-?\d+(\.0+)?$/.test(value);
    if (!whole) return `${path} is not an integer`;
    const exact = BigInt(typeof value === 'string' ? value.replace(/\..*$/, '') : (value as number));
    return exact < minimum || exact > maximum ? `${path} is out of range` : undefined;
  };
}

const float: Check = (value, path) => {
  if (typeof value === 'number') return undefined;
  const numeric = typeof value === 'string' && /^(-?\d+(\.\d+)?([eE][-+]?\d+)?|NaN|-?Infinity)$/.test(value);
  return numeric ? undefined : `${path} is not a number`;
};
const string: Check = (value, path) => (typeof value === 'string' ? undefined : `${path} is not a string`);
const boolean: Check = (value, path) => (typeof value === 'boolean' ? undefined : `${path} is not a boolean`);
const bytes: Check = (value, path) =>
  typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value) ? undefined : `${path} is not base64`;

const int32 = integer(-(2n ** 31n), 2n ** 31n - 1n);
const uint32 = integer(0n, 2n ** 32n - 1n);
const int64 = integer(-(2n ** 63n), 2n ** 63n - 1n);
const uint64 = integer(0n, 2n ** 64n - 1n);

const scalarChecks: Record<string, Check> = {
  double: float,
  float,
  int32,
  sint32: int32,
  sfixed32: int32,
  uint32,
  fixed32: uint32,
  int64,
  sint64: int64,
  sfixed64: int64,
  uint64,
  fixed64: uint64,
  bool: boolean,
  string,
  bytes,
};

/** The name that the JSON mapping gives a field: its json_name option, or its own name in lowerCamelCase. */
function jsonName(field: protobuf.Field): string {
  const option = field.getOption('json_name');
  return typeof option === 'string'
    ? option
    : field.name.replace(/_([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const at = (path: string) => (path === '' ? 'the message' : path);

import protobuf from 'protobufjs';
import { fieldsByName } from './json-names.ts';
import { JsonProblem } from './json-problem.ts';
import { type Read, scalarReads } from './json-scalars.ts';
import { isWrapper, specialForms } from './well-known.ts';

/**
 * Reads a parsed JSON value as a protocol buffer message, by the proto3 JSON mapping
 * (protobuf.dev/programming-guides/json): null and absent mean unset; unknown fields and wrong types are refused.
 * Returns an object that `type.encode` takes. Throws JsonProblem, with the path.
 */
export function readJson(type: protobuf.Type, value: unknown): object {
  return readMessage(type)(value, '') as object;
}

const reads = new WeakMap<protobuf.Type, Read>();

/** A message's reader is built once, and looked up late, so that messages may contain themselves. */
function readMessage(type: protobuf.Type): Read {
  const known = reads.get(type);
  if (known !== undefined) return known;
  const read = makeRead(type);
  reads.set(type, read);
  return read;
}

function makeRead(type: protobuf.Type): Read {
  const special = specialForms.get(type.fullName);
  if (special !== undefined) return (value, path) => special.read(value, path);
  if (isWrapper(type.fullName)) {
    const scalar = scalarReads[type.fields.value?.type ?? ''];
    if (scalar !== undefined) return (value, path) => ({ value: scalar(value, path) });
  }
  if (type.fullName === '.google.protobuf.Any') return (value, path) => readAny(type.root, value, path);
  const fieldReads = new Map<protobuf.Field, Read>();
  return (value, path) => readFields(type, fieldReads, value, path);
}

function readFields(
  type: protobuf.Type,
  fieldReads: Map<protobuf.Field, Read>,
  value: unknown,
  path: string,
): Record<string, unknown> {
  const given = asObject(value, path);
  const message: Record<string, unknown> = {};
  const seen = new Set<protobuf.Field>();
  for (const [name, item] of Object.entries(given)) {
    const field = fieldsByName(type).get(name);
    const fieldPath = path === '' ? name : `${path}.${name}`;
    if (field === undefined)
      throw new JsonProblem(fieldPath, `Unknown name "${name}"${within(path)}: Cannot find field.`);
    if (seen.has(field)) throw new JsonProblem(fieldPath, `${fieldPath} is given twice`);
    seen.add(field);
    if (item === null && !takesNull(field)) continue;
    let read = fieldReads.get(field);
    if (read === undefined) {
      read = readField(field);
      fieldReads.set(field, read);
    }
    message[field.name] = read(item, fieldPath);
  }
  checkPresence(type, message, path);
  return message;
}

/** `null` is a value of google.protobuf.Value; everywhere else it means unset. */
function takesNull(field: protobuf.Field): boolean {
  return field.resolve().resolvedType?.fullName === '.google.protobuf.Value';
}

function checkPresence(type: protobuf.Type, message: Record<string, unknown>, path: string): void {
  for (const field of type.fieldsArray)
    if (field.required && message[field.name] === undefined) {
      const fieldPath = path === '' ? field.name : `${path}.${field.name}`;
      throw new JsonProblem(fieldPath, `${fieldPath} is missing`);
    }
  for (const oneof of type.oneofsArray)
    if (oneof.fieldsArray.filter((field) => message[field.name] !== undefined).length > 1)
      throw new JsonProblem(path, `${at(path)} has more than one of ${oneof.name}`);
}

function readField(field: protobuf.Field): Read {
  const single = readSingle(field);
  if (field instanceof protobuf.MapField) return readMap(field, single);
  if (!field.repeated) return single;
  return (value, path) => {
    if (!Array.isArray(value)) throw new JsonProblem(path, `${path} is not an array`);
    return value.map((item, index) => single(item, `${path}[${index}]`));
  };
}

function readMap(field: protobuf.MapField, single: Read): Read {
  const key = scalarReads[field.keyType];
  return (value, path) =>
    Object.fromEntries(
      Object.entries(asObject(value, path)).map(([name, item]) => {
        const isBoolean = field.keyType === 'bool' && (name === 'true' || name === 'false');
        key?.(isBoolean ? name === 'true' : name, `${path} key ${name}`);
        return [name, single(item, `${path}.${name}`)];
      }),
    );
}

function readSingle(field: protobuf.Field): Read {
  const resolved = field.resolve().resolvedType;
  if (resolved instanceof protobuf.Type) return (value, path) => readMessage(resolved)(value, path);
  if (resolved instanceof protobuf.Enum) return readEnum(resolved);
  const read = scalarReads[field.type];
  if (read === undefined) throw new Error(`no JSON mapping for ${field.type}`);
  return read;
}

function readEnum(type: protobuf.Enum): Read {
  return (value, path) => {
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    const number = typeof value === 'string' && Object.hasOwn(type.values, value) ? type.values[value] : undefined;
    if (number === undefined)
      throw new JsonProblem(path, `${path} is not one of ${Object.keys(type.values).join(', ')}`);
    return number;
  };
}

/** `{"@type": "type.googleapis.com/…", …fields}`; a type with a form of its own is under `value`. */
function readAny(root: protobuf.Root, json: unknown, path: string): object {
  const { '@type': url, ...rest } = asObject(json, path);
  const type = typeof url === 'string' ? root.lookup(url.slice(url.lastIndexOf('/') + 1)) : null;
  if (!(type instanceof protobuf.Type)) throw new JsonProblem(path, `${at(path)} has an @type that is not known`);
  const isSpecial = specialForms.has(type.fullName) || isWrapper(type.fullName);
  const message = readMessage(type)(isSpecial ? rest.value : rest, path) as object;
  return { type_url: url, typeUrl: url, value: type.encode(message).finish() };
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new JsonProblem(path, `${at(path)} is not an object`);
  return value as Record<string, unknown>;
}

const within = (path: string) => (path === '' ? '' : ` at '${path}'`);
const at = (path: string) => (path === '' ? 'the message' : path);

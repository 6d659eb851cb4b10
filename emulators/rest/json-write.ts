import protobuf from 'protobufjs';
import { jsonName } from './json-names.ts';
import { isWrapper, specialForms } from './well-known.ts';

interface JsonWriteOptions {
  /** Enums as numbers, which Google's REST clients ask for; else by name. */
  enumsAsNumbers: boolean;
}

type Message = Record<string, unknown>;

/**
 * A decoded protocol buffer message as plain JSON, by the proto3 JSON mapping: lowerCamelCase names, 64-bit integers as
 * strings, bytes in base64, and nothing for a field that has its default.
 */
export function writeJson(type: protobuf.Type, message: object, options: JsonWriteOptions): unknown {
  const fields = message as Message;
  const special = specialForms.get(type.fullName);
  if (special !== undefined) return special.write(fields);
  if (isWrapper(type.fullName)) return writeScalar(type.fields.value?.type ?? '', fields.value);
  if (type.fullName === '.google.protobuf.Any') return writeAny(type.root, fields, options);
  const json: Message = {};
  for (const field of type.fieldsArray) {
    const value = fields[field.name];
    if (isSet(field, fields, value)) json[jsonName(field)] = writeField(field, value, options);
  }
  return json;
}

function isSet(field: protobuf.Field, message: Message, value: unknown): boolean {
  if (!Object.hasOwn(message, field.name) || value === null || value === undefined) return false;
  if (field instanceof protobuf.MapField) return Object.keys(value).length > 0;
  if (field.repeated) return (value as unknown[]).length > 0;
  // What belongs to a oneof, `optional` among them, says whether it is set; a plain scalar is set when it differs.
  if (field.partOf !== null || field.resolve().resolvedType instanceof protobuf.Type) return true;
  return !isDefault(field.type, value);
}

function isDefault(type: string, value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  if (type === 'string') return value === '';
  return value === 0 || value === '' || value === false || String(value) === '0';
}

function writeField(field: protobuf.Field, value: unknown, options: JsonWriteOptions): unknown {
  if (field instanceof protobuf.MapField)
    return Object.fromEntries(
      Object.entries(value as object).map(([key, item]) => [key, writeSingle(field, item, options)]),
    );
  if (field.repeated) return (value as unknown[]).map((item) => writeSingle(field, item, options));
  return writeSingle(field, value, options);
}

function writeSingle(field: protobuf.Field, value: unknown, options: JsonWriteOptions): unknown {
  const resolved = field.resolve().resolvedType;
  if (resolved instanceof protobuf.Type) return writeJson(resolved, value as object, options);
  if (resolved instanceof protobuf.Enum)
    return options.enumsAsNumbers ? value : (resolved.valuesById[value as number] ?? value);
  return writeScalar(field.type, value);
}

function writeScalar(type: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  // A 64-bit integer is a Long, or a number where it was small enough to be made so.
  return type.endsWith('64') ? String(value ?? 0) : value;
}

function writeAny(root: protobuf.Root, fields: Message, options: JsonWriteOptions): unknown {
  const url = String(fields.type_url ?? fields.typeUrl ?? '');
  const value = (fields.value ?? new Uint8Array()) as Uint8Array;
  const type = root.lookup(url.slice(url.lastIndexOf('/') + 1));
  if (!(type instanceof protobuf.Type)) return { '@type': url, value: Buffer.from(value).toString('base64') };
  const json = writeJson(type, type.decode(value), options);
  const isSpecial = specialForms.has(type.fullName) || isWrapper(type.fullName);
  return isSpecial ? { '@type': url, value: json } : { '@type': url, ...(json as object) };
}

import * as z from 'zod';

/** A payload as protocol buffers can describe it. */
export interface MessageShape {
  fields: readonly FieldShape[];
}

export interface FieldShape {
  /** As in JSON. */
  name: string;
  cardinality: 'single' | 'optional' | 'repeated' | 'map';
  /** Of the field, of each item, or of each of a map's values; `message` says which one it is. */
  type: 'string' | 'int64' | 'double' | 'bool' | 'message';
  message?: MessageShape;
}

type Value = Pick<FieldShape, 'type' | 'message'>;

/**
 * Reads a payload's shape. The subset of zod: objects, arrays, records with string keys, strings of every format, enums and
 * literals of strings, numbers, integers and booleans, each optional or not. Refinements pass unread.
 * Throws a TypeError that names the field where anything else is used.
 */
export function messageShape(data: z.ZodObject, path = ''): MessageShape {
  return {
    fields: Object.entries(data.shape).map(([name, schema]) => {
      const fieldPath = path === '' ? name : `${path}.${name}`;
      if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw unsupported(fieldPath, 'its name is not in camelCase');
      return fieldShape(name, schema as z.ZodType, fieldPath);
    }),
  };
}

function fieldShape(name: string, schema: z.ZodType, path: string): FieldShape {
  // proto3 has no optional lists or maps: an absent one is an empty one.
  if (schema instanceof z.ZodOptional) {
    const inner = fieldShape(name, schema.unwrap() as z.ZodType, path);
    return inner.cardinality === 'single' ? { ...inner, cardinality: 'optional' } : inner;
  }
  if (schema instanceof z.ZodArray) {
    return { name, cardinality: 'repeated', ...valueShape(schema.element as z.ZodType, path) };
  }
  if (schema instanceof z.ZodRecord) return { name, cardinality: 'map', ...mapValue(schema, path) };
  return { name, cardinality: 'single', ...valueShape(schema, path) };
}

function mapValue({ keyType, valueType }: z.ZodRecord, path: string): Value {
  if ((keyType as z.ZodType).def.type !== 'string') throw unsupported(path, "a record's keys are strings");
  return valueShape(valueType as z.ZodType, path);
}

function valueShape(schema: z.ZodType, path: string): Value {
  if (schema instanceof z.ZodObject) return { type: 'message', message: messageShape(schema, path) };
  if (schema instanceof z.ZodNumber) return { type: schema.isInt ? 'int64' : 'double' };
  const { type } = schema.def;
  if (type === 'string' || type === 'enum') return { type: textOnly(schema, path) };
  if (type === 'literal') return { type: textOnly(schema, path) };
  if (type === 'boolean') return { type: 'bool' };
  throw unsupported(path, `${type} is not among what an event may be made of`);
}

/** An enum stays a string: to a reader a value added later is then the consumer's to refuse, not Pub/Sub's. */
function textOnly(schema: z.ZodType, path: string): 'string' {
  const { values } = schema._zod;
  if (values !== undefined && Array.from(values).some((value) => typeof value !== 'string')) {
    throw unsupported(path, 'literals and enums are of strings');
  }
  return 'string';
}

function unsupported(path: string, reason: string): TypeError {
  return new TypeError(`${path} cannot be written as protocol buffers: ${reason}`);
}

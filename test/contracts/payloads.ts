import fc from 'fast-check';
import * as z from 'zod';
import type { Event } from '../../contracts/kit/event.ts';

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | false;
}

const INSTANTS = fc
  .date({ noInvalidDate: true, min: new Date('1983-01-01'), max: new Date('2099-12-31') })
  .map((date) => date.toISOString());

/** Payloads that an event's contract takes, made from its own JSON Schema; what only a refinement says is filtered. */
export function payloadsOf({ data }: Event): fc.Arbitrary<unknown> {
  const schema = z.toJSONSchema(data, { io: 'input' }) as Schema;
  return valuesOf(schema).filter((payload) => data.safeParse(payload).success);
}

function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.type === 'object') return objectsOf(schema);
  if (schema.type === 'array') {
    const { items = {}, minItems = 0 } = schema;
    return fc.array(valuesOf(items), { minLength: minItems, maxLength: Math.max(minItems, 3) });
  }
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer') return fc.integer({ min: bounded(schema.minimum), max: bounded(schema.maximum) });
  if (schema.type === 'number') {
    return fc.double({ noNaN: true, min: schema.minimum ?? -1e12, max: schema.maximum ?? 1e12 });
  }
  if (schema.format === 'uuid') return fc.uuid();
  if (schema.format === 'date-time') return INSTANTS;
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
  return fc.string({ minLength: schema.minLength ?? 0, maxLength: schema.maxLength ?? 20 });
}

function objectsOf({ properties, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
  if (properties === undefined) return fc.dictionary(fc.string(), valuesOf(additionalProperties || {}), { maxKeys: 3 });
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema)]));
  return fc.record(fields, { requiredKeys: required, noNullPrototype: true });
}

/** fast-check's integers have 32 bits. */
function bounded(limit = 0): number {
  return Math.min(Math.max(limit, -(2 ** 31)), 2 ** 31 - 1);
}

import type { Event } from '../kit/event.ts';
import { extendFieldNumbers, type FieldNumbers } from './field-numbers.ts';
import { type FieldShape, type MessageShape, messageShape } from './message-shape.ts';

/**
 * The Pub/Sub schema of an event's topic: protocol buffers for JSON encoding, one message whose field names are the JSON names.
 * It refuses wrong types and unknown fields at publish; a bad decimal or a missing field is for the consumer's contract.
 * Fields without a number in `numbers` get the next ones. Throws a TypeError that names the field where the payload has no such form.
 */
export function protoSchema(event: Event, numbers: FieldNumbers = {}): string {
  const shape = messageShape(event.data);
  const lines = message(pascalCase(event.topic), shape, '', extendFieldNumbers(shape, numbers));
  return ['syntax = "proto3";', '', `// ${event.summary}`, ...lines, ''].join('\n');
}

function message(name: string, { fields }: MessageShape, path: string, numbers: FieldNumbers): string[] {
  const own = numbers[path] ?? {};
  const nested = fields.flatMap((field) =>
    field.message === undefined
      ? []
      : message(pascalCase(field.name), field.message, path === '' ? field.name : `${path}.${field.name}`, numbers),
  );
  const body = [
    ...nested,
    ...reserved(fields, own),
    ...fields.map((field) => declaration(field, own[field.name] ?? 0)),
  ];
  return [`message ${name} {`, ...body.map((line) => `  ${line}`), '}'];
}

function declaration({ name, cardinality, type, message }: FieldShape, number: number): string {
  const typeName = message === undefined ? type : pascalCase(name);
  const prefix = { single: '', optional: 'optional ', repeated: 'repeated ', map: '' }[cardinality];
  return `${prefix}${cardinality === 'map' ? `map<string, ${typeName}>` : typeName} ${name} = ${number};`;
}

/** Numbers and names of fields that are no more. */
function reserved(fields: readonly FieldShape[], numbers: Readonly<Record<string, number>>): string[] {
  const present = new Set(fields.map(({ name }) => name));
  const gone = Object.entries(numbers).filter(([name]) => !present.has(name));
  if (gone.length === 0) return [];
  return [
    `reserved ${gone.map(([, number]) => number).join(', ')};`,
    `reserved ${gone.map(([name]) => `"${name}"`).join(', ')};`,
  ];
}

/** `market.price.update.v1` is `MarketPriceUpdateV1`, the field `ticks` holds `Ticks`. */
function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

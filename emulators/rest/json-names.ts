import type protobuf from 'protobufjs';

const tables = new WeakMap<protobuf.Type, Map<string, protobuf.Field>>();

/** A message's fields by every name that JSON may give them: as the proto file spells them, and in lowerCamelCase. */
export function fieldsByName(type: protobuf.Type): Map<string, protobuf.Field> {
  let table = tables.get(type);
  if (table === undefined) {
    table = new Map();
    for (const field of type.fieldsArray) {
      table.set(field.name, field);
      table.set(snakeCase(field.name), field);
      table.set(jsonName(field), field);
    }
    tables.set(type, table);
  }
  return table;
}

/** The name that the JSON mapping gives a field: its json_name option, or its own name in lowerCamelCase. */
export function jsonName(field: protobuf.Field): string {
  const option = field.getOption('json_name');
  return typeof option === 'string' ? option : camelCase(field.name);
}

export const camelCase = (name: string): string =>
  name.replace(/_([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** protos.json keeps only the camelCase form of a name, so that the proto file's own has to be worked out. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

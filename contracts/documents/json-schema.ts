import * as z from 'zod';

/** JSON Schema 2020-12, as OpenAPI 3.1 and AsyncAPI 3 embed it. */
export type JsonSchema = Record<string, unknown>;

/** What a sender may send: fields with a default are optional, coerced ones have the type they become. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return embedded(z.toJSONSchema(schema, { io: 'input', override: formatAlone }));
}

/** What is answered. Only a strict object closes itself: to readers a field added later is no error. */
export function outputSchema(schema: z.ZodType): JsonSchema {
  return embedded(
    z.toJSONSchema(schema, {
      io: 'output',
      override: (context) => {
        formatAlone(context);
        const { def } = context.zodSchema._zod;
        if (def.type === 'object' && def.catchall === undefined) delete context.jsonSchema.additionalProperties;
      },
    }),
  );
}

/** `format: uuid` says to a reader what the expression beside it says in 200 characters. */
function formatAlone({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

/** Throws a TypeError on a schema that refers to itself: such references lead nowhere once it is part of a larger document. */
function embedded({ $schema: _, ...schema }: JsonSchema): JsonSchema {
  if (JSON.stringify(schema).includes('"$ref"')) throw new TypeError('a contract cannot refer to itself');
  return schema;
}

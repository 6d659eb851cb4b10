import { hasBody, type Operation, pathParameters } from '../kit/operation.ts';
import { inputSchema, type JsonSchema } from './json-schema.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
}

interface ObjectSchema {
  properties: Record<string, JsonSchema>;
  required: string[];
}

/** Path parameters, the query of GET and DELETE, and the headers that the operation reads. */
export function parametersOf(contract: Operation): Parameter[] {
  const { properties, required } = fieldsOf(contract);
  const inPath = new Set(pathParameters(contract.path));
  const fields = Object.entries(properties).filter(([name]) => inPath.has(name) || !hasBody(contract.method));
  return [
    ...fields.map(
      ([name, schema]): Parameter => ({
        name,
        in: inPath.has(name) ? 'path' : 'query',
        required: inPath.has(name) || required.includes(name),
        schema,
      }),
    ),
    ...(hasBody(contract.method) && !contract.secretAnswer ? [IDEMPOTENCY_KEY] : []),
    ...ifMatchOf(contract),
  ];
}

const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Chosen by the caller: a request repeated with the same key has its effect once and gets the same answer.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function ifMatchOf({ problems }: Operation): Parameter[] {
  const required = problems.includes('version-required');
  if (!required && !problems.includes('version-changed')) return [];
  const description = 'The ETag of the version the change is made to.';
  return [{ name: 'If-Match', in: 'header', required, description, schema: { type: 'string' } }];
}

/** The JSON body of POST and PUT: the input without its path parameters. Undefined for the other methods. */
export function requestBodyOf(contract: Operation): Record<string, unknown> | undefined {
  if (!hasBody(contract.method)) return undefined;
  const { properties, required } = fieldsOf(contract);
  const inPath = new Set(pathParameters(contract.path));
  const schema = {
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !inPath.has(name))),
    required: required.filter((name) => !inPath.has(name)),
    additionalProperties: false,
  };
  return { required: true, content: { 'application/json': { schema } } };
}

function fieldsOf({ input }: Operation): ObjectSchema {
  const { properties, required } = inputSchema(input) as Partial<ObjectSchema>;
  return { properties: properties ?? {}, required: required ?? [] };
}

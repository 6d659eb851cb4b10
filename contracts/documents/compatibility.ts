import type { JsonSchema } from './json-schema.ts';

/** They say something about a value, and nothing about which values there are. */
const ANNOTATIONS = new Set(['$schema', 'title', 'description', 'examples', 'default', 'deprecated']);
/** Looked into, field by field. */
const STRUCTURE = new Set(['properties', 'required', 'items', 'additionalProperties']);

/**
 * Why payloads and readers of the old schema would not get on with those of the new one, each with the field's path; empty where
 * they would. A version may gain optional fields and nothing else: messages outlive a deployment in both directions, so what
 * widens breaks yesterday's readers as surely as what narrows breaks today's.
 */
export function compatibilityProblems(oldSchema: JsonSchema, newSchema: JsonSchema, path = ''): string[] {
  return [
    ...keywordProblems(oldSchema, newSchema, path),
    ...fieldProblems(oldSchema, newSchema, path),
    ...['items', 'additionalProperties'].flatMap((keyword) =>
      partProblems(oldSchema[keyword], newSchema[keyword], keyword, path),
    ),
  ];
}

function keywordProblems(oldSchema: JsonSchema, newSchema: JsonSchema, path: string): string[] {
  const keywords = new Set([...Object.keys(oldSchema), ...Object.keys(newSchema)]);
  return [...keywords]
    .filter((keyword) => !ANNOTATIONS.has(keyword) && !STRUCTURE.has(keyword))
    .filter((keyword) => textOf(keyword, oldSchema) !== textOf(keyword, newSchema))
    .map((keyword) => {
      const [before, after] = [textOf(keyword, oldSchema), textOf(keyword, newSchema)];
      return `${shown(path)}: ${keyword} was ${before ?? 'absent'} and is ${after ?? 'absent'}`;
    });
}

function fieldProblems(oldSchema: JsonSchema, newSchema: JsonSchema, path: string): string[] {
  const before = propertiesOf(oldSchema);
  const after = propertiesOf(newSchema);
  const wasRequired = requiredOf(oldSchema);
  const isRequired = requiredOf(newSchema);
  const existing = Object.entries(before).flatMap(([name, schema]) => {
    const fieldPath = joined(path, name);
    const now = after[name];
    if (now === undefined) return [`${fieldPath} is gone`];
    const requirement =
      wasRequired.has(name) === isRequired.has(name)
        ? []
        : [`${fieldPath} was ${wasRequired.has(name) ? 'required' : 'optional'} and no longer is`];
    return [...requirement, ...compatibilityProblems(schema, now, fieldPath)];
  });
  const added = Object.keys(after)
    .filter((name) => before[name] === undefined && isRequired.has(name))
    .map((name) => `${joined(path, name)} is new and required`);
  return [...existing, ...added];
}

function partProblems(before: unknown, after: unknown, keyword: string, path: string): string[] {
  const partPath = `${path}${keyword === 'items' ? '[]' : '{}'}`;
  if (isSchema(before) && isSchema(after)) return compatibilityProblems(before, after, partPath);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const word = (part: unknown) => (part === undefined ? 'absent' : JSON.stringify(part));
  return [`${shown(partPath)}: ${keyword} was ${word(before)} and is ${word(after)}`];
}

/** An enum's order means nothing. */
function textOf(keyword: string, schema: JsonSchema): string | undefined {
  const value = schema[keyword];
  return JSON.stringify(keyword === 'enum' && Array.isArray(value) ? value.toSorted() : value);
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return isSchema(schema.properties) ? (schema.properties as Record<string, JsonSchema>) : {};
}

function requiredOf({ required }: JsonSchema): Set<unknown> {
  return new Set(Array.isArray(required) ? required : []);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function shown(path: string): string {
  return path === '' ? 'the payload' : path;
}

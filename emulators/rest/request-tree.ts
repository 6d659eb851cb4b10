import protobuf from 'protobufjs';
import type { Route } from './http-rules.ts';
import { fieldsByName } from './json-names.ts';
import { JsonProblem } from './json-problem.ts';

type Tree = Record<string, unknown>;

/** Of every Google API, and of none of its messages (cloud.google.com/apis/docs/system-parameters). */
const SYSTEM_PARAMETERS = new Set(
  ['alt', 'prettyPrint', 'fields', 'key', 'access_token', 'oauth_token', 'quotaUser', 'callback', 'xgafv'].flatMap(
    (name) => [name, `$${name}`, `$.${name}`],
  ),
);

/**
 * Puts what a request carries in its body, its path and its query together as one JSON value of the route's request
 * type (google/api/http.proto, HttpRule). Throws JsonProblem.
 */
export function requestTree(
  route: Route,
  body: unknown,
  variables: ReadonlyMap<string, string>,
  query: URLSearchParams,
): Tree {
  const tree = bodyTree(route, body);
  for (const [path, value] of variables) place(tree, route.request, path, [value], 'path');
  for (const name of new Set(query.keys()))
    if (!SYSTEM_PARAMETERS.has(name)) place(tree, route.request, name, query.getAll(name), 'query');
  return tree;
}

function bodyTree({ body: target, request }: Route, body: unknown): Tree {
  if (target === undefined || body === undefined) return {};
  if (target !== '*') return { [canonical(request, target)]: body };
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new JsonProblem('', 'the body is not an object');
  return canonicalTree(request, body as Tree);
}

/** Names at the top as protobufjs has them, so that what the path adds replaces what the body said. */
function canonicalTree(type: protobuf.Type, tree: Tree): Tree {
  // Without a prototype, so that a field called __proto__ is an unknown field like any other.
  const result: Tree = Object.create(null);
  for (const [name, value] of Object.entries(tree)) {
    const known = canonical(type, name);
    if (Object.hasOwn(result, known)) throw new JsonProblem(name, `${name} is given twice`);
    result[known] = value;
  }
  return result;
}

const canonical = (type: protobuf.Type, name: string): string => fieldsByName(type).get(name)?.name ?? name;

function place(tree: Tree, type: protobuf.Type, path: string, values: string[], from: 'path' | 'query'): void {
  const [name = '', ...below] = path.split('.');
  const field = fieldsByName(type).get(name);
  if (field === undefined)
    throw new JsonProblem(
      path,
      `Unknown name "${path}": Cannot bind query parameter. Field '${path}' could not be found in request message.`,
    );
  const resolved = field.resolve().resolvedType;
  if (below.length > 0) {
    if (field instanceof protobuf.MapField) {
      tree[field.name] = { ...(tree[field.name] as Tree | undefined), [below.join('.')]: values[0] };
      return;
    }
    if (!(resolved instanceof protobuf.Type)) throw new JsonProblem(path, `${path} is not a field`);
    const nested = canonicalTree(resolved, (tree[field.name] ?? {}) as Tree);
    tree[field.name] = nested;
    place(nested, resolved, below.join('.'), values, from);
    return;
  }
  const parsed = values.map((value) => queryValue(field, value));
  tree[field.name] = field.repeated ? parsed : parsed.at(-1);
}

/** Text as the JSON mapping would have it: a query cannot tell a boolean from a string. */
function queryValue(field: protobuf.Field, text: string): unknown {
  const resolved = field.resolve().resolvedType;
  const isBoolean = field.type === 'bool' || resolved?.fullName === '.google.protobuf.BoolValue';
  if (isBoolean && (text === 'true' || text === 'false')) return text === 'true';
  if (resolved instanceof protobuf.Enum && /^-?\d+$/.test(text)) return Number(text);
  return text;
}

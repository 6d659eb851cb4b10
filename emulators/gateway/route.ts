import type { ApiOperation, RouteNode } from './api.ts';

export type RouteMatch =
  | { kind: 'operation'; operation: ApiOperation; parameters: readonly string[] }
  | { kind: 'method-not-allowed'; template: string; allowed: readonly string[] }
  | { kind: 'unknown' };

export function newRouteNode(): RouteNode {
  return { literals: new Map(), parameter: undefined, operations: new Map() };
}

/** Names in a template, in order: `/v1/books/{book}/pages/{page}` gives book, page. */
export function parameterNames(template: string): string[] {
  return segmentsOf(template)
    .filter(isParameter)
    .map((segment) => segment.slice(1, -1));
}

/** Throws where the path is already taken for that method, or a template mixes text and parameter in one segment. */
export function addRoute(root: RouteNode, method: string, operation: ApiOperation): void {
  let node = root;
  for (const segment of segmentsOf(operation.template)) {
    node = childFor(node, segment, operation.template);
  }
  const other = node.operations.get(method);
  if (other !== undefined) throw new Error(`${method} ${operation.template} is the same path as ${other.template}`);
  node.operations.set(method, operation);
}

function childFor(node: RouteNode, segment: string, template: string): RouteNode {
  if (isParameter(segment)) {
    node.parameter ??= newRouteNode();
    return node.parameter;
  }
  if (/[{}]/.test(segment)) throw new Error(`${template}: a parameter must be a whole segment`);
  let child = node.literals.get(segment);
  if (child === undefined) {
    child = newRouteNode();
    node.literals.set(segment, child);
  }
  return child;
}

/** Finds the operation for a method and a path without its query. Case counts, as the real gateway has it. */
export function matchRoute(root: RouteNode, method: string, path: string): RouteMatch {
  const segments = segmentsOf(path);
  const parameters: string[] = [];
  const node = descend(root, segments, 0, parameters, method) ?? descend(root, segments, 0, parameters, undefined);
  if (node === undefined) return { kind: 'unknown' };
  const operation = node.operations.get(method);
  if (operation !== undefined) return { kind: 'operation', operation, parameters };
  const template = node.operations.values().next().value?.template ?? path;
  return { kind: 'method-not-allowed', template, allowed: [...node.operations.keys()] };
}

/** `method` undefined takes any node where a template ends. Leaves the parameters' values in `parameters`. */
function descend(
  node: RouteNode,
  segments: readonly string[],
  at: number,
  parameters: string[],
  method: string | undefined,
): RouteNode | undefined {
  const segment = segments[at];
  if (segment === undefined) {
    const ends = method === undefined ? node.operations.size > 0 : node.operations.has(method);
    return ends ? node : undefined;
  }
  const literal = node.literals.get(segment);
  const found = literal && descend(literal, segments, at + 1, parameters, method);
  if (found !== undefined || node.parameter === undefined || segment === '') return found;
  parameters.push(segment);
  const below = descend(node.parameter, segments, at + 1, parameters, method);
  if (below === undefined) parameters.pop();
  return below;
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function isParameter(segment: string): boolean {
  return /^\{[^{}]+\}$/.test(segment);
}

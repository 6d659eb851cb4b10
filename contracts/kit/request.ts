import { hasBody, type Operation, pathParameters } from './operation.ts';

/** Where the fields of an input travel: path parameters in the path, the rest in the query (GET, DELETE) or as a JSON body. */
export function requestOf(
  address: string,
  contract: Pick<Operation, 'method' | 'path'>,
  input: Record<string, unknown>,
): { url: string; body: string | null } {
  const inPath = new Set(pathParameters(contract.path));
  const path = contract.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const rest = Object.entries(input).filter(([name, value]) => !inPath.has(name) && value !== undefined);
  if (hasBody(contract.method)) return { url: `${address}${path}`, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams(rest.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return { url: `${address}${path}${query === '' ? '' : `?${query}`}`, body: null };
}

/** The path parameters of a concrete path, or undefined where it is not one of this contract's. */
export function matchPath(contract: Pick<Operation, 'path'>, path: string): Record<string, string> | undefined {
  const expected = contract.path.split('/');
  const given = path.split('/');
  if (given.length !== expected.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [place, part] of expected.entries()) {
    const actual = given[place] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? actual !== part : actual === '') return undefined;
    if (name !== undefined) parameters[name] = decodeURIComponent(actual);
  }
  return parameters;
}

import { columnCount, rowCount } from '../workbook/model.ts';
import type { Node } from './ast.ts';
import type { Frame } from './evaluator.ts';
import { isOutside } from './external-names.ts';
import { structuredReference } from './names.ts';
import { type Argument, type Scope, type Value, wrongName, wrongReference, wrongValue } from './value.ts';

/** Names that name names, and LAMBDAs that call themselves, end here with an error, as Excel's do at its own depth. */
export const deepest = 600;

/** What a name stands for: bound by LET or LAMBDA, defined, another workbook's, a table, or a function. */
export function namedValue(name: string, sheet: (Node & { kind: 'name' })['sheet'], frame: Frame): Value {
  if (sheet === undefined) {
    const bound = lookUp(name, frame.scope);
    if (bound !== undefined) return bound.value ?? null;
  }
  if (/^_xleta\./i.test(name)) return { kind: 'lambda', builtIn: name.slice(7).toUpperCase() };
  const { names } = frame.environment;
  if (sheet && isOutside(sheet)) return frame.evaluate(names.definedOutside(name, sheet), frame);
  const home = sheet === undefined || sheet.first === '' ? frame.position.sheet : names.sheets(sheet)[0];
  if (home === undefined) return wrongReference;
  const defined = names.defined(name, home);
  if (defined === undefined) {
    const table = names.table(name);
    if (table)
      return structuredReference(
        { kind: 'structured', table: name, rows: [], columns: undefined },
        names,
        frame.position,
      );
    if (frame.environment.functions.has(name.toUpperCase())) return { kind: 'lambda', builtIn: name.toUpperCase() };
    return wrongName;
  }
  if (frame.depth > deepest) return wrongValue;
  const { row, column } = frame.position;
  return frame.evaluate(defined.node, {
    ...frame,
    position: frame.position,
    scope: undefined,
    shift: { rows: row % rowCount, columns: column % columnCount },
    depth: frame.depth + 1,
  });
}

/** What LET and LAMBDA bound to a name; undefined where they bound none. */
export function lookUp(name: string, scope: Scope | undefined): { value: Argument } | undefined {
  const key = name.toUpperCase();
  for (let at = scope; at; at = at.outer) {
    if (at.values.has(key)) return { value: at.values.get(key) };
  }
  return undefined;
}

/** A defined name that is called like a function. */
export function boundByName(name: string, frame: Frame): { value: Argument } | undefined {
  if (frame.environment.names.defined(name, frame.position.sheet) === undefined) return undefined;
  return { value: namedValue(name, undefined, frame) };
}

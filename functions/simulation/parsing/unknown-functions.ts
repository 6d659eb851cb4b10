import { childrenOf } from '../engine/compiler/formula-tree.ts';
import { randomFunctionNames } from '../engine/distributions/named.ts';
import type { Node } from '../engine/formula/ast.ts';
import { parseFormula } from '../engine/formula/parser.ts';
import { specialForms } from '../engine/formula/special-forms.ts';
import { FormulaSyntaxError } from '../engine/formula/tokenizer.ts';
import { worksheetFunctions } from '../engine/functions/registry.ts';
import { formatCell } from '../engine/workbook/address.ts';
import { keyColumn, keyRow, type Workbook } from '../engine/workbook/model.ts';

export interface UnknownFunction {
  name: string;
  /** Cells that call it, of which `cells` names the first. */
  count: number;
  cells: string[];
}

const NAMED_CELLS = 20;

/** The functions that formulas call and nobody knows, each with the first cells that do. */
export function unknownFunctions(workbook: Workbook): UnknownFunction[] {
  const names = new Set(workbook.definedNames.map(({ name }) => name.toUpperCase()));
  const isKnown = (name: string) =>
    worksheetFunctions.has(name) || specialForms.has(name) || RANDOM.has(name) || names.has(name);
  const found = new Map<string, UnknownFunction>();
  for (const sheet of workbook.sheets) {
    for (const [key, { text }] of sheet.formulas.entries()) {
      for (const name of unknownIn(text, isKnown)) {
        const entry = found.get(name) ?? { name, count: 0, cells: [] };
        found.set(name, entry);
        entry.count += 1;
        if (entry.cells.length < NAMED_CELLS)
          entry.cells.push(`${sheet.name}!${formatCell(keyRow(key), keyColumn(key))}`);
      }
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

const RANDOM: ReadonlySet<string> = new Set(randomFunctionNames);
const CALL = /([A-Za-z_\\][A-Za-z0-9_.\\]*)\(/g;
const PREFIX = /^(_xlfn\.|_xlws\.|_xlpm\.|_xludf\.)+/i;

/** Formulas are only parsed where something in their text looks like an unknown call: most have none. */
function unknownIn(text: string, isKnown: (name: string) => boolean): ReadonlySet<string> {
  const called = Array.from(text.matchAll(CALL), ([, name = '']) => name.replace(PREFIX, '').toUpperCase());
  if (called.every(isKnown)) return new Set();
  try {
    const unknown = new Set<string>();
    collect(parseFormula(text), new Set(), (name) => {
      if (!isKnown(name)) unknown.add(name);
    });
    return unknown;
  } catch (error) {
    if (error instanceof FormulaSyntaxError) return new Set();
    throw error;
  }
}

/** Every call by its name, but for names that LET and LAMBDA bind. */
function collect(node: Node, bound: ReadonlySet<string>, add: (name: string) => void): void {
  if (node.kind === 'call' && !bound.has(node.name.toUpperCase())) add(node.name);
  const binds = node.kind === 'call' && (node.name === 'LET' || node.name === 'LAMBDA');
  const inner = binds ? new Set([...bound, ...boundNames(node.arguments)]) : bound;
  for (const child of childrenOf(node)) collect(child, inner, add);
}

function boundNames(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => (node.kind === 'name' ? [node.name.toUpperCase()] : []));
}

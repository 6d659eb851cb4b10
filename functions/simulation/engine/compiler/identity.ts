import { type Position, UnsupportedFormula } from '../formula/call.ts';
import { type Names, namesOf } from '../formula/names.ts';
import { referenceOf, unmoved } from '../formula/references.ts';
import { isReference } from '../formula/value.ts';
import type { DefinedName, Workbook } from '../workbook/model.ts';

/**
 * What streams of samples are keyed by: cells that have a defined name go by it, and keep their stream wherever rows
 * and columns come or go around them; all others go by sheet and address. Sheets that are inserted or moved change
 * neither.
 */
export function identitiesOf(workbook: Workbook, cellId: (position: Position) => number): ReadonlyMap<number, string> {
  const names = namesOf(workbook);
  const found = new Map<number, string>();
  for (const name of workbook.definedNames.filter(({ hidden }) => !hidden).toSorted(widestFirst)) {
    const position = cellNamed(name, names);
    if (position === undefined || found.has(cellId(position))) continue;
    const sheet = name.scope === undefined ? undefined : workbook.sheets[name.scope]?.name;
    found.set(cellId(position), sheet === undefined ? name.name : `${sheet}!${name.name}`);
  }
  return found;
}

/** Of several names the workbook's come before a sheet's, then the alphabet. */
function widestFirst(a: DefinedName, b: DefinedName): number {
  return Number(a.scope !== undefined) - Number(b.scope !== undefined) || (a.name < b.name ? -1 : 1);
}

/** The one cell that a name stands for, wherever it is used. */
function cellNamed(name: DefinedName, names: Names): Position | undefined {
  try {
    const node = names.defined(name.name, name.scope ?? 0)?.node;
    if (node?.kind !== 'reference' || node.sheet === undefined) return undefined;
    if (![node.top, node.left, node.bottom, node.right].every(({ absolute }) => absolute)) return undefined;
    const reference = referenceOf(node, names, name.scope ?? 0, unmoved);
    const area = isReference(reference) && reference.areas.length === 1 ? reference.areas[0] : undefined;
    if (area === undefined) return undefined;
    const { top, left, bottom, right } = area.range;
    return top === bottom && left === right ? { sheet: area.sheet, row: top, column: left } : undefined;
  } catch (error) {
    if (error instanceof UnsupportedFormula) return undefined;
    throw error;
  }
}

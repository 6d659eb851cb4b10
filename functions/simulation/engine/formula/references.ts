import { type CellRange, columnCount, type ErrorValue, rowCount } from '../workbook/model.ts';
import type { ReferenceNode } from './ast.ts';
import type { Names } from './names.ts';
import { type Area, isError, nothingShared, type Reference, wrongReference, wrongValue } from './value.ts';

/** How far the references of a defined name move: names are written as seen from A1. */
export type Shift = { readonly rows: number; readonly columns: number };

export const unmoved: Shift = { rows: 0, columns: 0 };

/** The areas that an A1 reference names, from a sheet; a reference to a sheet that is not there is #REF!. */
export function referenceOf(node: ReferenceNode, names: Names, sheet: number, shift: Shift): Reference | ErrorValue {
  const sheets = node.sheet === undefined || node.sheet.first === '' ? [sheet] : names.sheets(node.sheet);
  if (sheets.length === 0) return wrongReference;
  const range = shift === unmoved ? plainRange(node) : movedRange(node, shift);
  return { kind: 'reference', areas: sheets.map((index) => ({ sheet: index, range })) };
}

function plainRange(node: ReferenceNode): CellRange {
  return { top: node.top.index, left: node.left.index, bottom: node.bottom.index, right: node.right.index };
}

/** Moved past an edge, a name's reference comes in again at the other. */
function movedRange(node: ReferenceNode, shift: Shift): CellRange {
  const row = (c: ReferenceNode['top']) => (c.absolute ? c.index : (c.index + shift.rows) % rowCount);
  const column = (c: ReferenceNode['left']) => (c.absolute ? c.index : (c.index + shift.columns) % columnCount);
  return {
    top: Math.min(row(node.top), row(node.bottom)),
    left: Math.min(column(node.left), column(node.right)),
    bottom: Math.max(row(node.top), row(node.bottom)),
    right: Math.max(column(node.left), column(node.right)),
  };
}

/** `left:right`, the smallest range around both. */
export function spanOf(left: Reference, right: Reference): Reference | ErrorValue {
  const areas = [...left.areas, ...right.areas];
  const sheet = areas[0]?.sheet;
  if (sheet === undefined || areas.some((area) => area.sheet !== sheet)) return wrongValue;
  const range = {
    top: Math.min(...areas.map((area) => area.range.top)),
    left: Math.min(...areas.map((area) => area.range.left)),
    bottom: Math.max(...areas.map((area) => area.range.bottom)),
    right: Math.max(...areas.map((area) => area.range.right)),
  };
  return { kind: 'reference', areas: [{ sheet, range }] };
}

/** `left right`, the cells that both name; #NULL! where there are none. */
export function intersectionOf(left: Reference, right: Reference): Reference | ErrorValue {
  const areas: Area[] = [];
  for (const a of left.areas) {
    for (const b of right.areas) {
      const shared = overlap(a, b);
      if (shared) areas.push(shared);
    }
  }
  return areas.length === 0 ? nothingShared : { kind: 'reference', areas };
}

function overlap(a: Area, b: Area): Area | undefined {
  if (a.sheet !== b.sheet) return undefined;
  const range = {
    top: Math.max(a.range.top, b.range.top),
    left: Math.max(a.range.left, b.range.left),
    bottom: Math.min(a.range.bottom, b.range.bottom),
    right: Math.min(a.range.right, b.range.right),
  };
  return range.top > range.bottom || range.left > range.right ? undefined : { sheet: a.sheet, range };
}

export function unionOf(parts: readonly (Reference | ErrorValue)[]): Reference | ErrorValue {
  const areas: Area[] = [];
  for (const part of parts) {
    if (isError(part)) return part;
    areas.push(...part.areas);
  }
  return { kind: 'reference', areas };
}

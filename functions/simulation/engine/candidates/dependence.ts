import { precedentsOf } from '../calculation/precedents.ts';
import type { Node } from '../formula/ast.ts';
import { type Names, namesOf } from '../formula/names.ts';
import { parseFormula } from '../formula/parser.ts';
import { FormulaSyntaxError } from '../formula/tokenizer.ts';
import type { Area } from '../formula/value.ts';
import {
  type CellRange,
  cellKey,
  type Formula,
  keyColumn,
  keyRow,
  type Sheet,
  type Workbook,
} from '../workbook/model.ts';
import { drawsAtRandom } from './random-calls.ts';

/** A constant that only areas larger than this read is data (a price history), not an assumption. */
const assumptionArea = 64;
/** Cells of areas that are looked at one by one, over the whole workbook; a running sum over a long column has millions. */
const cellsLookedAt = 3_000_000;

export type FormulaPlace = {
  readonly sheet: number;
  readonly key: number;
  readonly random: boolean;
  readonly areas: readonly AreaRead[];
  /** Formulas on the longest way from here down to constants, this one included. */
  depth: number;
  /** Whether an assumption is among what it is computed from. */
  fromAssumptions: boolean;
  isRead: boolean;
};

type AreaRead = { readonly area: Area; readers: number; formulas: FormulaPlace[]; assumptions: boolean };

export type Dependence = {
  readonly formulas: readonly FormulaPlace[];
  /** Per sheet: the numbers that formulas read as assumptions, and how many formulas read each. */
  readonly readers: readonly ReadonlyMap<number, number>[];
};

/**
 * What reads what in a workbook, without evaluating it. Formulas outside the grammar read nothing. Cells that an array
 * formula or a data table fills belong to it and are no constants.
 */
export function dependenceOf(workbook: Workbook): Dependence {
  const areas = new Map<string, AreaRead>();
  const names = namesOf(workbook);
  const formulas = workbook.sheets.map((sheet) => formulasOf(sheet, names, areas));
  const filled = workbook.sheets.map(cellsFilledByArrays);
  const readers = workbook.sheets.map(() => new Map<number, number>());
  let budget = cellsLookedAt;
  for (const read of areas.values()) {
    const sheet = workbook.sheets[read.area.sheet];
    const places = formulas[read.area.sheet];
    const range = sheet && within(read.area.range, sheet.dimension);
    if (sheet === undefined || places === undefined || range === undefined) continue;
    const size = sizeOf(range);
    if (size > budget) {
      for (const place of places.values()) if (contains(range, place.key)) read.formulas.push(place);
    } else {
      budget -= size;
      lookAt(read, range, sheet, places, filled[read.area.sheet] ?? new Map(), readers[read.area.sheet] ?? new Map());
    }
    for (const place of read.formulas) place.isRead = true;
  }
  const all = formulas.flatMap((places) => [...places.values()]);
  measureDepths(all);
  return { formulas: all, readers };
}

function formulasOf(sheet: Sheet, names: Names, areas: Map<string, AreaRead>): Map<number, FormulaPlace> {
  const places = new Map<number, FormulaPlace>();
  for (const [key, formula] of sheet.formulas.entries()) {
    const node = nodeOf(formula);
    const position = { sheet: sheet.index, row: keyRow(key), column: keyColumn(key) };
    const read = node === undefined ? [] : precedentsOf(node, position, names).areas;
    places.set(key, {
      sheet: sheet.index,
      key,
      random: node !== undefined && drawsAtRandom(node),
      areas: read.map((area) => sharedArea(area, areas)),
      depth: 0,
      fromAssumptions: false,
      isRead: false,
    });
  }
  return places;
}

function nodeOf(formula: Formula): Node | undefined {
  if (formula.kind === 'dataTable') return undefined;
  try {
    return parseFormula(formula.text);
  } catch (error) {
    if (error instanceof FormulaSyntaxError) return undefined;
    throw error;
  }
}

function sharedArea(area: Area, areas: Map<string, AreaRead>): AreaRead {
  const { top, left, bottom, right } = area.range;
  const key = `${area.sheet}:${top}:${left}:${bottom}:${right}`;
  const known = areas.get(key) ?? { area, readers: 0, formulas: [], assumptions: false };
  areas.set(key, known);
  known.readers += 1;
  return known;
}

function lookAt(
  read: AreaRead,
  range: CellRange,
  sheet: Sheet,
  places: ReadonlyMap<number, FormulaPlace>,
  filled: ReadonlyMap<number, number>,
  readers: Map<number, number>,
): void {
  const assumptions = sizeOf(read.area.range) <= assumptionArea;
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) {
      const key = cellKey(row, column);
      const place = places.get(filled.get(key) ?? key);
      if (place !== undefined) read.formulas.push(place);
      else if (assumptions && typeof sheet.values.get(key) === 'number') {
        readers.set(key, (readers.get(key) ?? 0) + read.readers);
        read.assumptions = true;
      }
    }
  }
}

/** The cells of arrays and data tables, each with the key of the formula that fills it. */
function cellsFilledByArrays(sheet: Sheet): Map<number, number> {
  const filled = new Map<number, number>();
  for (const [anchor, formula] of sheet.formulas.entries()) {
    if (formula.kind === 'normal') continue;
    const range = within(formula.ref, sheet.dimension);
    if (range === undefined) continue;
    for (let row = range.top; row <= range.bottom; row += 1) {
      for (let column = range.left; column <= range.right; column += 1) filled.set(cellKey(row, column), anchor);
    }
  }
  return filled;
}

/** Depth first with a stack of its own, since chains are as long as sheets; a circle counts up to where it closes. */
function measureDepths(formulas: readonly FormulaPlace[]): void {
  const entered = new Set<FormulaPlace>();
  for (const start of formulas) {
    const stack = [start];
    for (let place = stack.at(-1); place !== undefined; place = stack.at(-1)) {
      if (!entered.has(place)) {
        entered.add(place);
        for (const { formulas: below } of place.areas) {
          for (const next of below) if (!entered.has(next)) stack.push(next);
        }
        continue;
      }
      stack.pop();
      if (place.depth > 0) continue;
      settle(place);
    }
  }
}

function settle(place: FormulaPlace): void {
  place.depth = 1;
  for (const { formulas, assumptions } of place.areas) {
    if (assumptions) place.fromAssumptions = true;
    for (const below of formulas) {
      if (below === place) continue;
      place.depth = Math.max(place.depth, below.depth + 1);
      if (below.fromAssumptions || below.random) place.fromAssumptions = true;
    }
  }
}

function within(range: CellRange, dimension: CellRange | undefined): CellRange | undefined {
  if (dimension === undefined) return undefined;
  const top = Math.max(range.top, dimension.top);
  const left = Math.max(range.left, dimension.left);
  const bottom = Math.min(range.bottom, dimension.bottom);
  const right = Math.min(range.right, dimension.right);
  return top > bottom || left > right ? undefined : { top, left, bottom, right };
}

function sizeOf({ top, left, bottom, right }: CellRange): number {
  return (bottom - top + 1) * (right - left + 1);
}

function contains({ top, left, bottom, right }: CellRange, key: number): boolean {
  const row = keyRow(key);
  const column = keyColumn(key);
  return row >= top && row <= bottom && column >= left && column <= right;
}

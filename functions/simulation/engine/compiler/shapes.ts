import type { Area } from '../formula/value.ts';
import { beyond, type Context } from './context.ts';
import { known, type Scalar, type Symbolic } from './symbol.ts';

/** An area's cells row by row, or all of a reference's where it has one area. */
export function gridOf(symbol: Symbolic, context: Context): Symbolic & { kind: 'grid' } {
  if (symbol.kind === 'grid') return symbol;
  if (symbol.kind !== 'areas') return { kind: 'grid', rows: 1, columns: 1, items: [symbol] };
  const area = symbol.reference.areas[0];
  if (area === undefined || symbol.reference.areas.length > 1) throw beyond('a union of ranges here', context);
  const { sheet, range } = clipped(area, context);
  const items: Scalar[] = [];
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) items.push(context.cell(sheet, row, column));
  }
  return { kind: 'grid', rows: range.bottom - range.top + 1, columns: range.right - range.left + 1, items };
}

/** Whole rows and columns end where the sheet does. */
function clipped(area: Area, context: Context): Area {
  const used = context.environment.cells.used(area.sheet) ?? { top: 0, left: 0, bottom: 0, right: 0 };
  const { top, left, bottom, right } = area.range;
  return {
    sheet: area.sheet,
    range: {
      top,
      left,
      bottom: Math.max(top, Math.min(bottom, used.bottom)),
      right: Math.max(left, Math.min(right, used.right)),
    },
  };
}

/** One value: a single cell, or of a range the cell beside the formula. */
export function scalarOf(symbol: Symbolic, context: Context): Scalar {
  if (symbol.kind === 'grid') return symbol.items[0] ?? known(null);
  if (symbol.kind !== 'areas') return symbol;
  const area = symbol.reference.areas[0];
  if (area === undefined) return known(null);
  const { top, left, bottom, right } = area.range;
  const { row, column } = context.position;
  const inRows = row >= top && row <= bottom;
  const inColumns = column >= left && column <= right;
  const single = top === bottom && left === right;
  if (single) return context.cell(area.sheet, top, left);
  if (left === right && inRows) return context.cell(area.sheet, row, left);
  if (top === bottom && inColumns) return context.cell(area.sheet, top, column);
  return known({ error: '#VALUE!' });
}

/** Applies something to scalars, or element by element where ranges stand for all their cells. */
export function elementwise(
  symbols: readonly Symbolic[],
  context: Context,
  apply: (values: [Scalar, Scalar, Scalar]) => Scalar,
): Symbolic {
  const whole = symbols.map((symbol) => {
    if (symbol.kind !== 'areas' || !context.arrays) return symbol;
    const grid = gridOf(symbol, context);
    // A single cell is one value, not an array of one.
    return grid.items.length === 1 ? (grid.items[0] ?? known(null)) : grid;
  });
  const grids = whole.filter((symbol) => symbol.kind === 'grid');
  const absent = known(null);
  if (grids.length === 0) {
    const [x = absent, y = absent, z = absent] = whole.map((symbol) => scalarOf(symbol, context));
    return apply([x, y, z]);
  }
  const rows = Math.max(...grids.map((grid) => grid.rows));
  const columns = Math.max(...grids.map((grid) => grid.columns));
  const items: Scalar[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [x = absent, y = absent, z = absent] = whole.map((symbol) => element(symbol, row, column, context));
      items.push(apply([x, y, z]));
    }
  }
  return { kind: 'grid', rows, columns, items };
}

function element(symbol: Symbolic, row: number, column: number, context: Context): Scalar {
  if (symbol.kind !== 'grid') return scalarOf(symbol, context);
  const r = symbol.rows === 1 ? 0 : row;
  const c = symbol.columns === 1 ? 0 : column;
  if (r >= symbol.rows || c >= symbol.columns) return known({ error: '#N/A' });
  return symbol.items[r * symbol.columns + c] ?? known(null);
}

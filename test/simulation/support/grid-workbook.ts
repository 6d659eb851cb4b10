import { parseCell } from '../../../functions/simulation/engine/workbook/address.ts';
import {
  type CellValue,
  cellKey,
  type Formula,
  type Workbook,
} from '../../../functions/simulation/engine/workbook/model.ts';

export type GridCells = Readonly<Record<string, number | string | boolean>>;

/** A workbook of sheets given as cells: what begins with "=" is a formula. */
export function gridWorkbook(sheets: Readonly<Record<string, GridCells>>): Workbook {
  return {
    sheets: Object.entries(sheets).map(([name, cells], index) => {
      const values = new Map<number, CellValue>();
      const formulas = new Map<number, Formula>();
      let [bottom, right] = [0, 0];
      for (const [address, content] of Object.entries(cells)) {
        const place = parseCell(address);
        if (place === undefined) throw new Error(`${address} is no cell`);
        const key = cellKey(place.row, place.column);
        bottom = Math.max(bottom, place.row);
        right = Math.max(right, place.column);
        if (typeof content === 'string' && content.startsWith('=')) {
          formulas.set(key, { kind: 'normal', text: content.slice(1) });
          values.set(key, 0);
        } else values.set(key, content);
      }
      const dimension = { top: 0, left: 0, bottom, right };
      return {
        name,
        index,
        visibility: 'visible',
        dimension,
        values,
        formulas,
        numberFormats: new Map(),
        hiddenRows: new Set(),
        filters: [],
      };
    }),
    definedNames: [],
    tables: [],
    dateSystem: 1900,
    calculation: { iterate: false, maximumIterations: 100, maximumChange: 0.001, fullPrecision: true },
    externalLinks: [],
    externalSheets: [],
    externalNames: [],
    hasMacros: false,
    skippedSheets: [],
  };
}

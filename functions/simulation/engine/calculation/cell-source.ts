import type { CellSource } from '../formula/call.ts';
import { cellKey, type Workbook } from '../workbook/model.ts';
import { ColumnIndexes } from './column-indexes.ts';
import type { FormulaCell } from './graph.ts';
import { rowState } from './row-state.ts';
import type { SheetState } from './sheet-state.ts';

/** The cells as formulas read them; `watch` sees every formula cell first, and throws where it is not ready. */
export function cellSource(
  workbook: Workbook,
  states: readonly SheetState[],
  watch: (owner: FormulaCell) => void,
): CellSource {
  const { sheets, externalSheets } = workbook;
  const indexes = new ColumnIndexes(states);
  return {
    value: (sheet, row, column) => {
      const key = cellKey(row, column);
      const state = states[sheet];
      if (!state) return externalSheets[sheet - states.length]?.values.get(key) ?? null;
      const owner = state.owners.get(key);
      if (owner) watch(owner);
      return state.values.get(key) ?? null;
    },
    columnIndex: (kind, place, keyOf) => indexes.find(kind, place, keyOf),
    used: (sheet) => (states[sheet] ? states[sheet].used : externalSheets[sheet - states.length]?.dimension),
    spilled: (sheet, row, column) => {
      const owner = states[sheet]?.owners.get(cellKey(row, column));
      if (!owner || owner.kind === 'normal' || owner.row !== row || owner.column !== column) return undefined;
      watch(owner);
      return owner.extent;
    },
    formulaText: (sheet, row, column) => states[sheet]?.owners.get(cellKey(row, column))?.text,
    numberFormat: (sheet, row, column) => sheets[sheet]?.numberFormats.get(cellKey(row, column)),
    rowState: (sheet, row) => rowState(workbook, sheet, row),
    sheetNames: sheets.map((sheet) => sheet.name),
  };
}

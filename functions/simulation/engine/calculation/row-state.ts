import type { CellRange, Sheet, Table } from '../workbook/model.ts';

/** Whether a row is shown, hidden by hand, or left out by a filter on the sheet or on one of its tables. */
export function rowState(
  workbook: { readonly sheets: readonly Pick<Sheet, 'hiddenRows' | 'filters'>[]; readonly tables: readonly Table[] },
  sheet: number,
  row: number,
): 'shown' | 'hidden' | 'filtered' {
  const { hiddenRows, filters } = workbook.sheets[sheet] ?? {};
  if (!hiddenRows?.has(row)) return 'shown';
  const isWithin = ({ top, bottom }: CellRange) => row >= top && row <= bottom;
  const isFiltered =
    filters?.some(isWithin) ||
    workbook.tables.some((table) => table.sheet === sheet && table.filtered && isWithin(table.range));
  return isFiltered ? 'filtered' : 'hidden';
}

import type { Area } from '../formula/value.ts';
import { type CellValue, columnCount, type Formula, keyColumn, keyRow, sheetContents } from '../workbook/model.ts';
import { type CellId, type Cells, cellId } from './cells.ts';
import type { Graph } from './graph.ts';

/** The values of the cells that are the same on every path. */
export function constantsIn(
  cells: Cells,
  graph: Graph,
  inputs: readonly CellId[],
  areas: readonly Area[],
  isDynamic: boolean,
): Map<CellId, CellValue> {
  const constants = new Map<CellId, CellValue>();
  const given = new Set(inputs);
  const { sheets } = cells.workbook;
  const add = (id: CellId) => {
    const anchor = cells.formulaAt(id)?.anchor;
    if (constants.has(id) || given.has(id) || graph.random.has(id) || graph.random.has(anchor ?? id)) return;
    constants.set(id, cells.base(id));
  };
  if (isDynamic) {
    for (const [sheet, { values, formulas }] of sheets.entries()) {
      for (const key of values.keys()) {
        if (!formulas.has(key)) add(cellId(sheet, keyRow(key), keyColumn(key)));
      }
    }
  }
  const done = new Set<string>();
  for (const { sheet, range } of areas) {
    const { top, left, bottom, right } = range;
    const name = `${sheet}:${top}:${left}:${bottom}:${right}`;
    if (done.has(name)) continue;
    done.add(name);
    const values = sheetContents(cells.workbook, sheet)?.values;
    if (values === undefined) continue;
    if ((bottom - top + 1) * (right - left + 1) <= values.size) {
      for (let row = top; row <= bottom; row += 1) {
        for (let column = left; column <= right; column += 1) add(cellId(sheet, row, column));
      }
      continue;
    }
    for (const key of [...values.keys(), ...(sheets[sheet]?.formulas.keys() ?? [])]) {
      const [row, column] = [keyRow(key), key % columnCount];
      if (row >= top && row <= bottom && column >= left && column <= right) add(cellId(sheet, row, column));
    }
  }
  return constants;
}

/** Every formula's text by its cell. */
export function formulaTexts(cells: Cells): Map<CellId, string> {
  return new Map(everyFormula(cells).map(([id, { text }]) => [id, text]));
}

/** All formulas: a reference that is worked out may lead to any. */
export function unforeseen(cells: Cells): Map<CellId, Formula> {
  return new Map(everyFormula(cells).filter(([, { kind }]) => kind !== 'dataTable'));
}

function everyFormula({ workbook }: Cells): [CellId, Formula][] {
  return workbook.sheets.flatMap(({ formulas }, sheet) =>
    [...formulas.entries()].map(([key, formula]): [CellId, Formula] => [
      cellId(sheet, keyRow(key), keyColumn(key)),
      formula,
    ]),
  );
}

import type * as z from 'zod';
import type { getWorkbook } from '#contracts/simulation/api.ts';
import { candidatesOf } from '../engine/candidates/candidates.ts';
import type { Sheet, Workbook } from '../engine/workbook/model.ts';
import { unknownFunctions } from './unknown-functions.ts';

export type WorkbookContents = NonNullable<z.infer<typeof getWorkbook.output>['contents']>;

const MOST_NAMES = 1_000;

/** What a workbook holds, as it is answered over HTTP. Nothing in it is evaluated. */
export function contentsOf(workbook: Workbook): WorkbookContents {
  const { inputs, outputs, inputCount, outputCount } = candidatesOf(workbook);
  return {
    sheets: workbook.sheets.map(sheetContents),
    skippedSheets: [...workbook.skippedSheets],
    definedNames: workbook.definedNames
      .filter(({ hidden }) => !hidden)
      .slice(0, MOST_NAMES)
      .map(({ name, text, scope }) => {
        const sheet = scope === undefined ? undefined : workbook.sheets[scope]?.name;
        return { name, refersTo: text, ...(sheet === undefined ? {} : { sheet }) };
      }),
    tables: workbook.tables.map(({ name }) => name),
    hasMacros: workbook.hasMacros,
    externalLinks: workbook.externalLinks.map(({ number, target }) => ({
      number,
      ...(target === undefined ? {} : { target }),
    })),
    unknownFunctions: unknownFunctions(workbook),
    inputs: inputs.map(({ value, readers, reasons, ...cell }) => ({
      ...described(cell),
      value,
      readers,
      reasons: [...reasons],
    })),
    inputCount,
    outputs: outputs.map(({ value, depth, reasons, ...cell }) => ({
      ...described(cell),
      value,
      depth,
      reasons: [...reasons],
    })),
    outputCount,
  };
}

/** How many formulas a workbook has. */
export function formulasIn({ sheets }: WorkbookContents): number {
  return sheets.reduce((sum, { formulas }) => sum + formulas, 0);
}

function sheetContents({ name, visibility, dimension, values, formulas }: Sheet) {
  return {
    name,
    visibility,
    rows: dimension === undefined ? 0 : dimension.bottom - dimension.top + 1,
    columns: dimension === undefined ? 0 : dimension.right - dimension.left + 1,
    values: values.size,
    formulas: formulas.size,
  };
}

function described(of: { cell: string; label: string | undefined; name: string | undefined; hidden: boolean }) {
  const { cell, label, name, hidden } = of;
  return { cell, hidden, ...(label === undefined ? {} : { label }), ...(name === undefined ? {} : { name }) };
}

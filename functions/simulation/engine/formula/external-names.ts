import type { ExternalSheet, Sheet, Workbook } from '../workbook/model.ts';
import type { Node, SheetName } from './ast.ts';
import { UnsupportedFormula } from './call.ts';
import { parseFormula } from './parser.ts';
import { FormulaSyntaxError } from './tokenizer.ts';

/** What a workbook keeps of those it links to; without any, formulas that read another workbook are unsupported. */
export type Outside = {
  readonly sheets: readonly Pick<Sheet, 'name'>[];
  readonly externalSheets?: readonly Pick<ExternalSheet, 'book' | 'name' | 'state'>[] | undefined;
  readonly externalNames?: Workbook['externalNames'] | undefined;
};

/** What stands for the file's own name, which is not part of a workbook: CELL("filename") says it. */
export const ownName = 'Workbook.xlsx';

/** "[0]" is the workbook itself. */
export function isOutside({ book }: SheetName): boolean {
  return book !== undefined && book !== '0' && book !== ownName;
}

/**
 * Finds the sheets and names of other workbooks. Throws UnsupportedFormula where the file holds nothing of them: what
 * it kept is all there is to read.
 */
export function externalNamesOf({ sheets, externalSheets = [], externalNames = [] }: Outside) {
  const own = sheets.length;
  const placeOf = (book: string | undefined, name: string) =>
    externalSheets.findIndex((sheet) => String(sheet.book) === book && sheet.name.toUpperCase() === name.toUpperCase());
  return {
    /** Numbered on after the workbook's own; none where the sheet could not be found any more. */
    sheets: ({ book, first, last }: SheetName): readonly number[] => {
      const from = placeOf(book, first);
      const to = last === undefined ? from : placeOf(book, last);
      if (from < 0 || to < 0) throw new UnsupportedFormula(`[${book}]`);
      const named = externalSheets.slice(Math.min(from, to), Math.max(from, to) + 1);
      if (named.some(({ state }) => state === 'unknown')) throw new UnsupportedFormula(`[${book}]`);
      return named.some(({ state }) => state === 'lost')
        ? []
        : named.map((_, index) => own + Math.min(from, to) + index);
    },
    defined: (name: string, { book, first }: SheetName): Node => {
      const scope = first === '' ? undefined : placeOf(book, first);
      const named = externalNames.filter(
        (candidate) => String(candidate.book) === book && candidate.name.toUpperCase() === name.toUpperCase(),
      );
      const found = named.find(({ sheet }) => sheet === scope) ?? named.find(({ sheet }) => sheet === undefined);
      const node = found && parsed(found.text);
      if (node?.kind === 'constant') return node;
      if (node?.kind !== 'reference' || !node.sheet) throw new UnsupportedFormula(`[${book}]`);
      return { ...node, sheet: { ...node.sheet, book } };
    },
  };
}

function parsed(text: string): Node | undefined {
  try {
    return parseFormula(text.replace(/^=/, ''));
  } catch (error) {
    if (error instanceof FormulaSyntaxError) return undefined;
    throw error;
  }
}

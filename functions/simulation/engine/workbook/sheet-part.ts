import type { Archive } from './archive.ts';
import { CellScanner } from './cell-scanner.ts';
import { isTrue, type RawFormula, SheetBuilder, type SheetContext } from './sheet-builder.ts';
import { readSkimmed } from './skim.ts';
import { type AttributeOf, XmlFeed, type XmlHandlers } from './xml.ts';

/** Of XML: a number of fifteen digits with its tags. */
const bytesPerCell = 56;

/** Reads the cells of one worksheet (ECMA-376 part 1, 18.3.1.99). */
export function readSheetPart(archive: Archive, part: string, context: SheetContext): Promise<SheetBuilder> {
  return readSheet(part, archive.read(part), Math.floor(archive.size(part) / bytesPerCell), context);
}

/** The same from bytes as they come; `cellsExpected` is a guess. */
export async function readSheet(
  part: string,
  chunks: AsyncIterable<Buffer>,
  cellsExpected: number,
  context: SheetContext,
): Promise<SheetBuilder> {
  const builder = new SheetBuilder(context, cellsExpected);
  const scanner = new CellScanner(builder);
  const feed = new XmlFeed(part, cellHandlers(builder, scanner), context.limits);
  await readSkimmed(chunks, feed, scanner, context.limits);
  builder.seal();
  return builder;
}

/** Assembles cells from the parser's events: what the scanner left over. */
function cellHandlers(builder: SheetBuilder, scanner: CellScanner): XmlHandlers {
  let cell: { key: number; style: number; type: string; metadata: number } | undefined;
  let value: string | undefined;
  let formula: { text: string; attribute: RawFormula['attribute'] } | undefined;
  let phonetic = false;
  let filter = '';

  const startCell = (attribute: AttributeOf) => {
    value = undefined;
    formula = undefined;
    cell = {
      key: builder.place(attribute('r')),
      style: Number(attribute('s') ?? 0),
      type: attribute('t') ?? 'n',
      metadata: Number(attribute('cm') ?? 0),
    };
  };

  return {
    open(name, attribute, parent) {
      if (name === 'row' && parent === 'sheetData') {
        if (!scanner.takeRow()) builder.startRow(attribute('r'), isTrue(attribute('hidden')));
      } else if (name === 'c' && parent === 'row') startCell(attribute);
      else if (name === 'autoFilter') filter = attribute('ref') ?? '';
      else if (name === 'filterColumn' && filter !== '') {
        builder.addFilter(filter);
        filter = '';
      } else if (cell === undefined) return;
      else if (name === 'f') formula = { text: '', attribute };
      else if (name === 'v' || name === 'is') value ??= '';
      else if (name === 'rPh') phonetic = true;
    },
    text(piece, element) {
      if (cell === undefined) return;
      if (element === 'v' || (element === 't' && !phonetic)) value = (value ?? '') + piece;
      else if (element === 'f' && formula !== undefined) formula.text += piece;
    },
    close(name) {
      if (name === 'rPh') phonetic = false;
      else if (name === 'c' && cell !== undefined) {
        if (formula !== undefined) builder.addFormula(cell.key, formula, cell.metadata);
        builder.addValue(cell.key, { ...cell, value, hasFormula: formula !== undefined });
        cell = undefined;
      }
    },
  };
}

import { parseCell } from './address.ts';
import type { Archive } from './archive.ts';
import type { ReadLimits } from './limits.ts';
import {
  type CellRange,
  type CellValue,
  cellKey,
  type ErrorCode,
  type ExternalSheet,
  errorCodes,
  keyColumn,
  keyRow,
} from './model.ts';
import { Refusal } from './refusal.ts';
import { readXml } from './xml.ts';
import { unescapeText } from './xstring.ts';

/** A name that another workbook defines; `sheet` counts that workbook's sheets. */
type ExternalName = { readonly name: string; readonly text: string; readonly sheet: number | undefined };

export type ExternalLinkPart = { readonly sheets: readonly ExternalSheet[]; readonly names: readonly ExternalName[] };

type Gathered = { name: string; values: Map<number, CellValue> | undefined; isLost: boolean };

/** Reads what another workbook's cells held when the file was saved (ECMA-376 part 1, 18.14); links to programs have none. */
export async function readExternalLinkPart(
  archive: Archive,
  part: string,
  book: number,
  budget: { cells: number },
  limits: ReadLimits,
): Promise<ExternalLinkPart> {
  const sheets: Gathered[] = [];
  const names: ExternalName[] = [];
  let sheet: Gathered | undefined;
  let cell: { key: number; type: string } | undefined;
  let text = '';
  await readXml(
    part,
    archive.read(part),
    {
      open(element, attribute, parent) {
        if (element === 'sheetName') {
          sheets.push({ name: unescapeText(attribute('val') ?? ''), values: undefined, isLost: false });
          if (sheets.length > limits.sheets) throw new Refusal('too-large', `${part} names too many sheets.`);
        } else if (element === 'definedName' && parent === 'definedNames') {
          const owner = attribute('sheetId');
          names.push({
            name: unescapeText(attribute('name') ?? ''),
            text: attribute('refersTo') ?? '',
            sheet: owner === undefined ? undefined : Number(owner),
          });
          if (names.length > limits.definedNames) throw new Refusal('too-large', `${part} defines too many names.`);
        } else if (element === 'sheetData') {
          sheet = sheets[Number(attribute('sheetId'))];
          if (sheet) sheet.values ??= new Map();
          if (sheet && attribute('refreshError') === '1') sheet.isLost = true;
        } else if (element === 'cell') {
          const place = parseCell(attribute('r') ?? '');
          cell = place && { key: cellKey(place.row, place.column), type: attribute('t') ?? 'n' };
          text = '';
        }
      },
      text(piece, element) {
        if (element === 'v') text += piece;
      },
      close(element) {
        if (element !== 'cell' || cell === undefined || sheet?.values === undefined) return;
        budget.cells += 1;
        if (budget.cells > limits.cells)
          throw new Refusal('too-large', `The links hold more than ${limits.cells} cells.`);
        const value = storedValue(cell.type, text);
        if (value !== null) sheet.values.set(cell.key, value);
      },
    },
    limits,
  );
  return { sheets: sheets.map((gathered) => externalSheet(gathered, book)), names };
}

function externalSheet({ name, values, isLost }: Gathered, book: number): ExternalSheet {
  const held = new Map([...(values ?? [])].sort(([a], [b]) => a - b));
  // A sheet that could not be refreshed may still stand as it was the last time.
  const state = values === undefined ? 'unknown' : isLost && held.size === 0 ? 'lost' : 'known';
  return { book, name, state, values: held, dimension: rangeAround(held) };
}

function storedValue(type: string, text: string): CellValue {
  if (type === 'str' || type === 's') return unescapeText(text);
  if (type === 'b') return text === '1' || text === 'true';
  if (type === 'e') return { error: errorCodes.find((code): code is ErrorCode => code === text) ?? '#VALUE!' };
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? null : number;
}

function rangeAround(values: ReadonlyMap<number, CellValue>): CellRange | undefined {
  let range: CellRange | undefined;
  for (const key of values.keys()) {
    const row = keyRow(key);
    const column = keyColumn(key);
    range = {
      top: range?.top ?? row,
      left: Math.min(range?.left ?? column, column),
      bottom: row,
      right: Math.max(range?.right ?? column, column),
    };
  }
  return range;
}

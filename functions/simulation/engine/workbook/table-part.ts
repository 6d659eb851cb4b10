import { parseRange } from './address.ts';
import type { Archive } from './archive.ts';
import type { ReadLimits } from './limits.ts';
import type { Table } from './model.ts';
import { Refusal } from './refusal.ts';
import { readXml } from './xml.ts';
import { unescapeText } from './xstring.ts';

/** Reads a table (ECMA-376 part 1, 18.5.1.2) of the sheet with the index `sheet`. */
export async function readTable(archive: Archive, part: string, sheet: number, limits: ReadLimits): Promise<Table> {
  const columns: string[] = [];
  let table: Omit<Table, 'columns'> | undefined;
  await readXml(
    part,
    archive.read(part),
    {
      open(name, attribute, parent) {
        if (name === 'filterColumn' && table !== undefined) table = { ...table, filtered: true };
        if (name === 'tableColumn') columns.push(unescapeText(attribute('name') ?? ''));
        if (name !== 'table' || parent !== '') return;
        const range = parseRange(attribute('ref') ?? '');
        if (range === undefined) throw new Refusal('broken-workbook', `The table in ${part} lies nowhere.`);
        table = {
          name: unescapeText(attribute('displayName') ?? attribute('name') ?? ''),
          sheet,
          range,
          headerRows: Number(attribute('headerRowCount') ?? 1),
          totalsRows: Number(attribute('totalsRowCount') ?? 0),
          filtered: false,
        };
      },
    },
    limits,
  );
  if (table === undefined) throw new Refusal('broken-workbook', `The part ${part} is not a table's.`);
  return { ...table, columns };
}

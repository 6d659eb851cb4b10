import type { CellValue } from '../../../functions/simulation/engine/workbook/model.ts';
import { type Look, looks, type SheetSource, type WorkbookSource } from './sheet-source.ts';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packaged = 'http://schemas.openxmlformats.org/package/2006';
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** What a formula cell shows; undefined where it has not been worked out. */
export type ShownValue = (sheet: number, address: string) => CellValue | undefined;

/** The parts of an .xlsx file (ECMA-376 part 1, 12 and 18) by their path in the archive. */
export function workbookParts(source: WorkbookSource, shown: ShownValue): Map<string, string> {
  const { sheets } = source;
  const sheetPaths = sheets.map((_, index) => `xl/worksheets/sheet${index + 1}.xml`);
  return new Map([
    ['[Content_Types].xml', contentTypes(sheetPaths)],
    ['_rels/.rels', relationships([['workbook', 'officeDocument', 'xl/workbook.xml']])],
    ['xl/workbook.xml', workbookXml(source)],
    [
      'xl/_rels/workbook.xml.rels',
      relationships([
        ...sheets.map((_, index) => [`sheet${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`] as const),
        ['styles', 'styles', 'styles.xml'],
      ]),
    ],
    ['xl/styles.xml', stylesXml()],
    ...sheets.map((sheet, index): [string, string] => [sheetPaths[index] ?? '', sheetXml(sheet, index, shown)]),
  ]);
}

function contentTypes(sheetPaths: readonly string[]): string {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const parts: [string, string][] = [
    ['xl/workbook.xml', `${type}.sheet.main+xml`],
    ['xl/styles.xml', `${type}.styles+xml`],
    ...sheetPaths.map((path): [string, string] => [path, `${type}.worksheet+xml`]),
  ];
  const overrides = parts.map(([path, content]) => `<Override PartName="/${path}" ContentType="${content}"/>`);
  return `${declaration}<Types xmlns="${packaged}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`;
}

function relationships(entries: readonly (readonly [id: string, type: string, target: string])[]): string {
  const list = entries.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`,
  );
  return `${declaration}<Relationships xmlns="${packaged}/relationships">${list.join('')}</Relationships>`;
}

function workbookXml({ sheets, names }: WorkbookSource): string {
  const tabs = sheets.map(
    ({ name }, index) => `<sheet name="${escaped(name)}" sheetId="${index + 1}" r:id="sheet${index + 1}"/>`,
  );
  const defined = names.map(({ name, refersTo }) => `<definedName name="${name}">${escaped(refersTo)}</definedName>`);
  return `${declaration}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${tabs.join('')}</sheets><definedNames>${defined.join('')}</definedNames><calcPr calcId="191029" fullCalcOnLoad="1"/></workbook>`;
}

const formats: Readonly<Record<Look, { number?: string; font?: number; fill?: number; border?: number }>> = {
  plain: {},
  title: { font: 1 },
  heading: { font: 2, border: 1 },
  input: { number: '#,##0.####', font: 3, fill: 2 },
  money: { number: '#,##0;[Red]-#,##0' },
  price: { number: '0.000' },
  percent: { number: '0.0%' },
  date: { number: 'mmm yyyy' },
  total: { number: '#,##0;[Red]-#,##0', font: 2, border: 2 },
};
/** Numbers below are Excel's own formats. */
const firstOwnFormat = 164;

function stylesXml(): string {
  const numbers = looks.map((look, index) => ({ id: firstOwnFormat + index, code: formats[look].number }));
  const own = numbers.filter(({ code }) => code !== undefined);
  const cellFormats = looks.map((look, index) => {
    const { number, font = 0, fill = 0, border = 0 } = formats[look];
    const format = number === undefined ? 0 : firstOwnFormat + index;
    return `<xf numFmtId="${format}" fontId="${font}" fillId="${fill}" borderId="${border}" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1"/>`;
  });
  const font = (inner: string) => `<font>${inner}<name val="Calibri"/><family val="2"/></font>`;
  const fonts = [
    font('<sz val="11"/>'),
    font('<b/><sz val="14"/>'),
    font('<b/><sz val="11"/>'),
    font('<sz val="11"/><color rgb="FF1F4E9E"/>'),
  ];
  const input = '<fill><patternFill patternType="solid"><fgColor rgb="FFFFF8DC"/></patternFill></fill>';
  const border = (side: string, style: string) =>
    `<border><left/><right/>${side === 'top' ? `<top style="${style}"/>` : '<top/>'}${side === 'bottom' ? `<bottom style="${style}"/>` : '<bottom/>'}<diagonal/></border>`;
  return `${declaration}<styleSheet xmlns="${main}"><numFmts count="${own.length}">${own
    .map(({ id, code = '' }) => `<numFmt numFmtId="${id}" formatCode="${escaped(code)}"/>`)
    .join(
      '',
    )}</numFmts><fonts count="${fonts.length}">${fonts.join('')}</fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>${input}</fills><borders count="3"><border><left/><right/><top/><bottom/><diagonal/></border>${border('bottom', 'thin')}${border('top', 'double')}</borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="${cellFormats.length}">${cellFormats.join('')}</cellXfs></styleSheet>`;
}

function sheetXml({ cells, widths }: SheetSource, index: number, shown: ShownValue): string {
  const rows = new Map<number, string[]>();
  const inOrder = [...cells].map(([address, cell]) => ({ address, cell, ...placeOf(address) }));
  inOrder.sort((a, b) => a.row - b.row || a.column.length - b.column.length || (a.column < b.column ? -1 : 1));
  for (const { address, cell, row } of inOrder) {
    const written = cellXml(address, cell.content, looks.indexOf(cell.look), shown(index, address));
    rows.set(row, [...(rows.get(row) ?? []), written]);
  }
  const columns = widths.map((width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`);
  const data = [...rows].map(([row, list]) => `<row r="${row}">${list.join('')}</row>`);
  return `${declaration}<worksheet xmlns="${main}"><cols>${columns.join('')}</cols><sheetData>${data.join('')}</sheetData></worksheet>`;
}

function cellXml(address: string, content: number | string, style: number, value: CellValue | undefined): string {
  const open = `<c r="${address}" s="${style}"`;
  if (typeof content === 'number') return `${open}><v>${content}</v></c>`;
  if (!content.startsWith('=')) return `${open} t="inlineStr"><is><t>${escaped(content)}</t></is></c>`;
  const formula = `<f>${escaped(content.slice(1))}</f>`;
  return typeof value === 'number' ? `${open}>${formula}<v>${value}</v></c>` : `${open}>${formula}</c>`;
}

function placeOf(address: string): { column: string; row: number } {
  const [, column = '', row = ''] = /^([A-Z]+)(\d+)$/.exec(address) ?? [];
  return { column, row: Number(row) };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

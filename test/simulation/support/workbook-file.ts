import { type ZipEntry, zip } from './zip.ts';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packaged = 'http://schemas.openxmlformats.org/package/2006/relationships';

export type SheetSource = {
  readonly name?: string;
  /** What stands within `<sheetData>`. */
  readonly rows?: string;
  /** The whole part instead. */
  readonly xml?: string;
  readonly state?: string;
  readonly type?: string;
  /** Tables' parts. */
  readonly tables?: readonly string[];
};

export type WorkbookSource = {
  readonly sheets?: readonly SheetSource[];
  /** What follows `<sheets>` in the workbook's part, and what precedes it. */
  /** Tabs after those of the sheets. */
  readonly tabs?: string;
  readonly after?: string;
  readonly before?: string;
  /** What stands within `<sst>`. */
  readonly strings?: string;
  readonly styles?: string;
  readonly metadata?: string;
  /** More relationships of the workbook: [id, type, target]. */
  readonly relationships?: readonly (readonly [string, string, string])[];
  readonly entries?: readonly ZipEntry[];
};

/** The bytes of a workbook with these parts, as Excel lays them out. */
export function workbookFile(source: WorkbookSource): Buffer {
  return zip(workbookEntries(source));
}

export function workbookEntries(source: WorkbookSource): ZipEntry[] {
  const sheets = source.sheets ?? [{}];
  const tabs = sheets.map(
    ({ name, state }, index) =>
      `<sheet name="${name ?? `Sheet${index + 1}`}" sheetId="${index + 1}"${state ? ` state="${state}"` : ''} r:id="s${index}"/>`,
  );
  const relationships: (readonly [string, string, string])[] = sheets.map(
    ({ type = 'worksheet' }, index) => [`s${index}`, type, `worksheets/sheet${index + 1}.xml`] as const,
  );
  const entries: ZipEntry[] = [
    part('_rels/.rels', relationshipsXml([['w', 'officeDocument', 'xl/workbook.xml']])),
    part(
      'xl/workbook.xml',
      `<workbook xmlns="${main}" xmlns:r="${office}">${source.before ?? ''}<sheets>${tabs.join('')}${source.tabs ?? ''}</sheets>${source.after ?? ''}</workbook>`,
    ),
  ];
  if (source.strings !== undefined) {
    relationships.push(['strings', 'sharedStrings', 'sharedStrings.xml']);
    entries.push(part('xl/sharedStrings.xml', `<sst xmlns="${main}">${source.strings}</sst>`));
  }
  if (source.styles !== undefined) {
    relationships.push(['styles', 'styles', 'styles.xml']);
    entries.push(part('xl/styles.xml', `<styleSheet xmlns="${main}">${source.styles}</styleSheet>`));
  }
  if (source.metadata !== undefined) {
    relationships.push(['metadata', 'sheetMetadata', 'metadata.xml']);
    entries.push(part('xl/metadata.xml', source.metadata));
  }
  relationships.push(...(source.relationships ?? []));
  entries.push(part('xl/_rels/workbook.xml.rels', relationshipsXml(relationships)));
  for (const [index, sheet] of sheets.entries()) entries.push(...sheetEntries(sheet, index + 1));
  return [...entries, ...(source.entries ?? [])];
}

/** A part of the archive with this text. */
export function part(name: string, xml: string): ZipEntry {
  return { name, data: Buffer.from(xml) };
}

export function sheetXml(rows: string): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`;
}

export function relationshipsXml(relationships: readonly (readonly [string, string, string])[]): string {
  const list = relationships.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${packaged}">${list.join('')}</Relationships>`;
}

function sheetEntries({ rows = '', xml, tables = [] }: SheetSource, number: number): ZipEntry[] {
  const name = `xl/worksheets/sheet${number}.xml`;
  const own = part(name, xml ?? sheetXml(rows));
  if (tables.length === 0) return [own];
  const targets = tables.map((_, index) => [`t${index}`, 'table', `../tables/table${number}-${index}.xml`] as const);
  return [
    own,
    part(`xl/worksheets/_rels/sheet${number}.xml.rels`, relationshipsXml(targets)),
    ...tables.map((table, index) => part(`xl/tables/table${number}-${index}.xml`, table)),
  ];
}

import { type Archive, openArchive } from './archive.ts';
import { readExternalLinkPart } from './external-link-part.ts';
import { defaultReadLimits, type ReadLimits } from './limits.ts';
import { readDynamicArrayMarks } from './metadata.ts';
import type { DefinedName, ExternalLink, ExternalName, ExternalSheet, Sheet, Table, Workbook } from './model.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import { type Relationship, readRelationships } from './relationships.ts';
import { readSharedStrings } from './shared-strings.ts';
import type { SheetContext } from './sheet-builder.ts';
import { readSheetPart } from './sheet-part.ts';
import { refuseOtherFormats } from './signature.ts';
import { readNumberFormats } from './styles.ts';
import { readTable } from './table-part.ts';
import { readWorkbookPart, type Tab, type WorkbookPart } from './workbook-part.ts';

export type ReadResult =
  | { readonly kind: 'read'; readonly workbook: Workbook }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly detail: string };

/**
 * Reads an Excel workbook (.xlsx, .xlsm; ECMA-376, transitional or strict). Nothing in it is run and nothing outside
 * of it is opened. A file that is broken, hostile or past a limit is refused with a code and one sentence.
 */
export async function readWorkbook(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): Promise<ReadResult> {
  try {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { kind: 'read', workbook: await readFile(file, { ...defaultReadLimits, ...limits }) };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', code: error.code, detail: error.message };
    throw error;
  }
}

async function readFile(file: Buffer, limits: ReadLimits): Promise<Workbook> {
  if (file.length > limits.compressedBytes) {
    throw new Refusal('too-large', `The file is larger than ${limits.compressedBytes} bytes.`);
  }
  refuseOtherFormats(file);
  const archive = await openArchive(file, limits);
  const root = await workbookPartOf(archive, limits);
  const relationships = await readRelationships(archive, root, limits);
  const part = await readWorkbookPart(archive, root, limits);
  const worksheets = worksheetsOf(part.tabs, relationships);
  const { sheets, tables } = await readSheets(archive, worksheets, relationships, part, limits);
  const indexOfTab = new Map(worksheets.map(({ tab }, index) => [part.tabs.indexOf(tab), index]));
  return {
    sheets,
    tables,
    definedNames: definedNames(part, indexOfTab),
    dateSystem: part.dateSystem,
    calculation: part.calculation,
    ...(await externalLinks(archive, part, relationships, limits)),
    hasMacros: relationships.some(({ type }) => type === 'vbaProject' || type === 'xlMacrosheet'),
    skippedSheets: part.tabs.filter((tab) => !worksheets.some((sheet) => sheet.tab === tab)).map(({ name }) => name),
  };
}

/** The part that the package calls its office document; other kinds of package are named for what they are. */
async function workbookPartOf(archive: Archive, limits: ReadLimits): Promise<string> {
  const document = (await readRelationships(archive, '', limits)).find(({ type }) => type === 'officeDocument');
  const part = document?.target ?? 'xl/workbook.xml';
  if (part.toLowerCase().endsWith('.bin')) {
    throw new Refusal('unsupported-format', 'The file is a binary workbook (.xlsb); save it as .xlsx.');
  }
  if (archive.has(part)) return part;
  if (archive.has('mimetype') && archive.has('content.xml')) {
    throw new Refusal('unsupported-format', 'The file is an OpenDocument file; save it as .xlsx.');
  }
  throw new Refusal('not-a-workbook', 'The file is an archive without a workbook in it.');
}

type Worksheet = { readonly tab: Tab; readonly part: string };

function worksheetsOf(tabs: readonly Tab[], relationships: readonly Relationship[]): Worksheet[] {
  const worksheets: Worksheet[] = [];
  for (const tab of tabs) {
    // Old modules of macros are tabs that lie in no part.
    if (tab.relationship === '') continue;
    const relationship = relationships.find(({ id }) => id === tab.relationship);
    if (relationship === undefined) throw new Refusal('broken-workbook', `The sheet ${tab.name} has no part.`);
    if (relationship.type === 'worksheet') worksheets.push({ tab, part: relationship.target });
  }
  return worksheets;
}

async function readSheets(
  archive: Archive,
  worksheets: readonly Worksheet[],
  relationships: readonly Relationship[],
  workbook: WorkbookPart,
  limits: ReadLimits,
): Promise<{ sheets: Sheet[]; tables: Table[] }> {
  const partOf = (type: string) => {
    const target = relationships.find((relationship) => relationship.type === type)?.target;
    return target !== undefined && archive.has(target) ? target : undefined;
  };
  const strings = partOf('sharedStrings');
  const styles = partOf('styles');
  const metadata = partOf('sheetMetadata');
  const sharedStrings = strings === undefined ? [] : await readSharedStrings(archive, strings, limits);
  const formats = styles === undefined ? [] : await readNumberFormats(archive, styles, limits);
  const shared: Omit<SheetContext, 'sheetName'> = {
    limits,
    sharedStringCount: sharedStrings.length,
    dynamicArrayMarks: metadata === undefined ? new Set() : await readDynamicArrayMarks(archive, metadata, limits),
    dateSystem: workbook.dateSystem,
    budget: { cells: 0 },
  };
  const sheets: Sheet[] = [];
  const tables: Table[] = [];
  for (const [index, { tab, part }] of worksheets.entries()) {
    const { cells, formulas, hiddenRows, filters } = await readSheetPart(archive, part, {
      ...shared,
      sheetName: tab.name,
    });
    sheets.push({
      name: tab.name,
      index,
      visibility: tab.visibility,
      dimension: cells.dimension(),
      values: cells.values(sharedStrings),
      formulas: formulas.formulas(),
      numberFormats: cells.numberFormats(formats),
      hiddenRows,
      filters,
    });
    tables.push(...(await tablesOf(archive, part, index, limits)));
    if (tables.length > limits.tables) {
      throw new Refusal('too-large', `The workbook has more than ${limits.tables} tables.`);
    }
  }
  return { sheets, tables };
}

async function tablesOf(archive: Archive, part: string, sheet: number, limits: ReadLimits): Promise<Table[]> {
  const tables: Table[] = [];
  for (const { type, target } of await readRelationships(archive, part, limits)) {
    if (type === 'table') tables.push(await readTable(archive, target, sheet, limits));
  }
  return tables;
}

/** Names of tabs that are no worksheets are dropped with them. */
function definedNames(workbook: WorkbookPart, indexOfTab: ReadonlyMap<number, number>): DefinedName[] {
  const names: DefinedName[] = [];
  for (const { name, tab, text, hidden } of workbook.names) {
    const scope = tab === undefined ? undefined : indexOfTab.get(tab);
    if (tab === undefined || scope !== undefined) names.push({ name, scope, text, hidden });
  }
  return names;
}

async function externalLinks(
  archive: Archive,
  workbook: WorkbookPart,
  relationships: readonly Relationship[],
  limits: ReadLimits,
): Promise<Pick<Workbook, 'externalLinks' | 'externalSheets' | 'externalNames'>> {
  const externalLinks: ExternalLink[] = [];
  const externalSheets: ExternalSheet[] = [];
  const externalNames: ExternalName[] = [];
  const budget = { cells: 0 };
  for (const [index, id] of workbook.externalReferences.entries()) {
    const part = relationships.find((relationship) => relationship.id === id)?.target;
    const [target] = part === undefined ? [] : await readRelationships(archive, part, limits);
    const book = index + 1;
    externalLinks.push({ number: book, target: target?.target });
    if (part === undefined || !archive.has(part)) continue;
    const { sheets, names } = await readExternalLinkPart(archive, part, book, budget, limits);
    const first = externalSheets.length;
    externalSheets.push(...sheets);
    for (const { name, text, sheet } of names) {
      externalNames.push({ book, name, text, sheet: sheet === undefined ? undefined : first + sheet });
    }
  }
  return { externalLinks, externalSheets, externalNames };
}

import type { Archive } from './archive.ts';
import type { ReadLimits } from './limits.ts';
import type { Calculation, Sheet } from './model.ts';
import { Refusal } from './refusal.ts';
import { type AttributeOf, readXml } from './xml.ts';

/** A tab of the workbook; the part it lies in is what its relationship says. */
export type Tab = { readonly name: string; readonly relationship: string; readonly visibility: Sheet['visibility'] };

/** A defined name as the part has it: `tab` counts all tabs, chart sheets included. */
export type TabName = {
  readonly name: string;
  readonly tab: number | undefined;
  readonly text: string;
  readonly hidden: boolean;
};

export type WorkbookPart = {
  readonly tabs: readonly Tab[];
  readonly names: readonly TabName[];
  readonly dateSystem: 1900 | 1904;
  readonly calculation: Calculation;
  /** Relationship ids, `[1]` first. */
  readonly externalReferences: readonly string[];
};

/** Reads xl/workbook.xml (ECMA-376 part 1, 18.2). */
export async function readWorkbookPart(archive: Archive, part: string, limits: ReadLimits): Promise<WorkbookPart> {
  const tabs: Tab[] = [];
  const names: TabName[] = [];
  const externalReferences: string[] = [];
  let dateSystem: 1900 | 1904 = 1900;
  let calculation = calculationOf(() => undefined);
  let name: Omit<TabName, 'text'> | undefined;
  let text = '';
  let root = '';

  await readXml(
    part,
    archive.read(part),
    {
      open(element, attribute, parent) {
        root ||= element;
        if (element === 'sheet' && parent === 'sheets') tabs.push(tabOf(attribute));
        else if (element === 'workbookPr') dateSystem = isTrue(attribute('date1904')) ? 1904 : 1900;
        else if (element === 'calcPr') calculation = calculationOf(attribute);
        else if (element === 'externalReference') externalReferences.push(attribute('r:id') ?? '');
        else if (element === 'definedName') {
          name = nameOf(attribute);
          text = '';
        }
        checkCounts(tabs.length, names.length, limits);
      },
      text(piece, element) {
        if (element === 'definedName') text += piece;
      },
      close(element) {
        if (element === 'definedName' && name !== undefined) names.push({ ...name, text: text.trim() });
      },
    },
    limits,
  );
  if (root !== 'workbook') throw new Refusal('not-a-workbook', `The part ${part} is not a workbook's.`);
  return { tabs, names, dateSystem, calculation, externalReferences };
}

function checkCounts(tabs: number, names: number, limits: ReadLimits): void {
  if (tabs > limits.sheets) throw new Refusal('too-large', `The workbook has more than ${limits.sheets} sheets.`);
  if (names > limits.definedNames) {
    throw new Refusal('too-large', `The workbook defines more than ${limits.definedNames} names.`);
  }
}

function tabOf(attribute: AttributeOf): Tab {
  const state = attribute('state');
  return {
    name: attribute('name') ?? '',
    relationship: attribute('r:id') ?? '',
    visibility: state === 'hidden' || state === 'veryHidden' ? state : 'visible',
  };
}

function nameOf(attribute: AttributeOf): Omit<TabName, 'text'> {
  const tab = attribute('localSheetId');
  return {
    name: attribute('name') ?? '',
    tab: tab === undefined ? undefined : Number(tab),
    hidden: isTrue(attribute('hidden')),
  };
}

/** Defaults: ECMA-376 part 1, 18.2.2. */
function calculationOf(attribute: AttributeOf): Calculation {
  return {
    iterate: isTrue(attribute('iterate')),
    maximumIterations: Number(attribute('iterateCount') ?? 100),
    maximumChange: Number(attribute('iterateDelta') ?? 0.001),
    fullPrecision: attribute('fullPrecision') === undefined || isTrue(attribute('fullPrecision')),
  };
}

/** xsd:boolean. */
function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true' || value === 'on';
}

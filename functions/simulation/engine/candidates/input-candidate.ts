import type { Sheet } from '../workbook/model.ts';
import { isDateFormat } from '../workbook/number-format.ts';
import { type CellNames, type DescribedCell, describe, numberAt } from './described-cell.ts';

/** Why a cell is thought to be an input; the last three lower it in the list. */
export type InputReason =
  | 'draws-at-random'
  | 'read-by-formulas'
  | 'named'
  | 'labelled'
  | 'label-names-something-uncertain'
  | 'looks-like-a-date'
  | 'looks-like-a-switch'
  | 'on-a-hidden-sheet';

/** A number that formulas read, or a formula that draws one itself; `readers` counts the formulas that read it. */
export type InputCandidate = DescribedCell & {
  readonly value: number;
  readonly reasons: readonly InputReason[];
  readonly readers: number;
};

const uncertain =
  /price|rate|growth|volume|demand|cost|yield|volatil|sigma|margin|premium|spread|inflation|fx|exchange|freight|loss|shock|basis|hours|days|probab|correl|discount|wage|capacity|assum/i;
/** A constant as an input. */
export function constantInput(sheet: Sheet, key: number, readers: number, names: CellNames): InputCandidate {
  const value = numberAt(sheet, key) ?? 0;
  const described = describe(sheet, key, names);
  const reasons: InputReason[] = ['read-by-formulas'];
  if (described.name !== undefined) reasons.push('named');
  if (described.label !== undefined) reasons.push('labelled');
  if (uncertain.test(`${described.label ?? ''} ${described.name ?? ''}`)) {
    reasons.push('label-names-something-uncertain');
  }
  if (looksLikeDate(sheet, key, value)) reasons.push('looks-like-a-date');
  else if ((value === 0 || value === 1) && isSwitch(described.label)) reasons.push('looks-like-a-switch');
  if (described.hidden) reasons.push('on-a-hidden-sheet');
  return { ...described, value, reasons, readers };
}

/** A formula that draws a number as an input. */
export function randomInput(sheet: Sheet, key: number, names: CellNames): InputCandidate {
  const described = describe(sheet, key, names);
  const reasons: InputReason[] = ['draws-at-random'];
  if (described.name !== undefined) reasons.push('named');
  if (described.label !== undefined) reasons.push('labelled');
  if (described.hidden) reasons.push('on-a-hidden-sheet');
  return { ...described, value: numberAt(sheet, key) ?? 0, reasons, readers: 0 };
}

const weights: Readonly<Record<InputReason, number>> = {
  'draws-at-random': 8,
  'read-by-formulas': 0,
  named: 2,
  labelled: 1,
  'label-names-something-uncertain': 1.5,
  'looks-like-a-date': -3,
  'looks-like-a-switch': -2,
  'on-a-hidden-sheet': -2,
};

/** Higher is likelier. */
export function inputScore({ reasons, readers }: InputCandidate): number {
  return reasons.reduce((sum, reason) => sum + weights[reason], Math.log2(1 + readers) / 8);
}

const firstYear = 1900;
const lastYear = 2100;

function looksLikeDate(sheet: Sheet, key: number, value: number): boolean {
  const format = sheet.numberFormats.get(key);
  if (format !== undefined) return isDateFormat(format);
  return Number.isInteger(value) && value >= firstYear && value <= lastYear;
}

function isSwitch(label: string | undefined): boolean {
  return label !== undefined && /\?|switch|flag|toggle|on\/off|include|scenario|case\b/i.test(label);
}

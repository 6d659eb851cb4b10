import { indexOf, isAt, textOf } from './bytes.ts';
import type { RawFormula } from './sheet-builder.ts';

/** A formula as scanned: its text; the group whose formula it shares; or, with attributes, all of it. */
export type ScannedFormula = string | number | RawFormula;

/** Where a formula lies in the bytes, its text and its tag's attributes; -1 where there is none. */
export type FormulaSpans = {
  formulaFrom: number;
  formulaTo: number;
  formulaAttributesFrom: number;
  formulaAttributesTo: number;
};

/** The text alone of a plain formula, the group alone of one that shares another's; false where it is not plain text. */
export function formulaOf(bytes: Buffer, spans: FormulaSpans): ScannedFormula | false {
  const group = sharedGroupOf(bytes, spans);
  if (group >= 0) return group;
  const text = textOf(bytes, spans.formulaFrom, spans.formulaTo);
  if (text === undefined) return false;
  if (spans.formulaAttributesFrom < 0) return text;
  const spelled = textOf(bytes, spans.formulaAttributesFrom, spans.formulaAttributesTo);
  if (spelled === undefined) return false;
  const attributes = new Map<string, string>();
  for (const [, name = '', , value = ''] of spelled.matchAll(/([\w:]+)=(["'])(.*?)\2/g)) attributes.set(name, value);
  return { text, attribute: (name) => attributes.get(name) };
}

const sharedMember = ' t="shared" si="';

/** The group of a formula with no text of its own, -1 for any other: nine cells in ten of a large sheet. */
function sharedGroupOf(
  bytes: Buffer,
  { formulaAttributesFrom, formulaAttributesTo, formulaFrom, formulaTo }: FormulaSpans,
): number {
  if (formulaAttributesFrom < 0 || formulaFrom !== formulaTo || !isAt(bytes, formulaAttributesFrom, sharedMember))
    return -1;
  return indexOf(bytes, formulaAttributesFrom + sharedMember.length, formulaAttributesTo - 1);
}

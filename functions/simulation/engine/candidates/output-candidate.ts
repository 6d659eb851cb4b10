import type { Sheet } from '../workbook/model.ts';
import type { FormulaPlace } from './dependence.ts';
import { type CellNames, type DescribedCell, describe, numberAt } from './described-cell.ts';

/** Why a formula is thought to be a result; the last two lower it in the list. */
export type OutputReason =
  | 'read-by-no-formula'
  | 'ends-a-long-chain'
  | 'named'
  | 'labelled'
  | 'label-names-a-result'
  | 'looks-like-a-check'
  | 'on-a-hidden-sheet';

/** A formula that no other reads; `depth` counts those on the longest way down to constants, itself included. */
export type OutputCandidate = DescribedCell & {
  readonly value: number;
  readonly reasons: readonly OutputReason[];
  readonly depth: number;
};

const result =
  /npv|irr|profit|margin|net |total|value|result|p&l|pnl|ebit|earnings|return|payback|cash|revenue|output|outcome|worst|exposure/i;
const check = /check|control|error|ok\?|diff(erence)?\b/i;

const longChain = 4;

/** A formula as an output; undefined for one whose value is no number. */
export function outputAt(sheet: Sheet, { key, depth }: FormulaPlace, names: CellNames): OutputCandidate | undefined {
  const value = numberAt(sheet, key);
  if (value === undefined) return undefined;
  const described = describe(sheet, key, names);
  const text = `${described.label ?? ''} ${described.name ?? ''}`;
  const reasons: OutputReason[] = ['read-by-no-formula'];
  if (depth >= longChain) reasons.push('ends-a-long-chain');
  if (described.name !== undefined) reasons.push('named');
  if (described.label !== undefined) reasons.push('labelled');
  if (check.test(text)) reasons.push('looks-like-a-check');
  else if (result.test(text)) reasons.push('label-names-a-result');
  if (described.hidden) reasons.push('on-a-hidden-sheet');
  return { ...described, value, reasons, depth };
}

const weights: Readonly<Record<OutputReason, number>> = {
  'read-by-no-formula': 0,
  'ends-a-long-chain': 0,
  named: 2,
  labelled: 0.5,
  'label-names-a-result': 1.5,
  'looks-like-a-check': -3,
  'on-a-hidden-sheet': -2,
};

/** Higher is likelier. */
export function outputScore({ reasons, depth }: OutputCandidate): number {
  return reasons.reduce((sum, reason) => sum + weights[reason], Math.log2(depth));
}

import type { Workbook } from '../workbook/model.ts';
import { dependenceOf } from './dependence.ts';
import { namesOfCells } from './described-cell.ts';
import { constantInput, type InputCandidate, inputScore, randomInput } from './input-candidate.ts';
import { type OutputCandidate, outputAt, outputScore } from './output-candidate.ts';

export type Candidates = {
  /** Likeliest first. */
  readonly inputs: readonly InputCandidate[];
  readonly outputs: readonly OutputCandidate[];
  /** How many there are in all; the lists stop at `most`. */
  readonly inputCount: number;
  readonly outputCount: number;
};

/**
 * Which cells of a workbook a user is likely to name: numbers that formulas read, and formulas with a number that no
 * formula reads. It judges by names, labels and structure alone; nothing is evaluated and nothing is hidden from a
 * user, who may name any cell. Each candidate says why it is one.
 */
export function candidatesOf(workbook: Workbook, most = 200): Candidates {
  const { formulas, readers } = dependenceOf(workbook);
  const names = namesOfCells(workbook);
  const inputs: InputCandidate[] = [];
  const outputs: OutputCandidate[] = [];
  for (const sheet of workbook.sheets) {
    const read = [...(readers[sheet.index] ?? [])].sort(([a], [b]) => a - b);
    for (const [key, count] of read) inputs.push(constantInput(sheet, key, count, names));
  }
  for (const place of formulas) {
    const sheet = workbook.sheets[place.sheet];
    if (sheet === undefined) continue;
    if (place.random) inputs.push(randomInput(sheet, place.key, names));
    const output = place.isRead || !place.fromAssumptions ? undefined : outputAt(sheet, place, names);
    if (output !== undefined) outputs.push(output);
  }
  return {
    inputs: ranked(inputs, inputScore).slice(0, most),
    outputs: ranked(outputs, outputScore).slice(0, most),
    inputCount: inputs.length,
    outputCount: outputs.length,
  };
}

/** Highest first; equals stay in reading order. */
function ranked<T>(candidates: readonly T[], score: (candidate: T) => number): T[] {
  return candidates
    .map((candidate) => ({ candidate, score: score(candidate) }))
    .sort((a, b) => b.score - a.score)
    .map(({ candidate }) => candidate);
}

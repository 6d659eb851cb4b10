import { cellNamed } from '../request/cells.ts';
import type { ModelRequest } from '../request/model.ts';
import type { Workbook } from '../workbook/model.ts';
import { AnalysisRefusal } from './refusal.ts';

/** Cells with what they hold, or are drawn from, instead: `{ cell: 'Model!B3', distribution: '5' }`. */
export type Change = { readonly cell: string; readonly distribution: string };

/** A question "what if": the model runs again with the same seed, so that only the changes make the difference. */
export type Scenario = { readonly name: string; readonly changes: readonly Change[] };

/** An input drawn from a part of its distribution only. */
export type Stress = { readonly name: string; readonly parts: readonly StressedInput[] };
export type StressedInput = { readonly cell: string; readonly from: number; readonly to: number };

/** Reads `NAME:Sheet!A1=5,Sheet!A2=normal(3,1)`. Throws AnalysisRefusal. */
export function readScenario(text: string): Scenario {
  const { name, items } = namedItems(text, 'high prices:Sheet!A1=5,Sheet!A2=normal(3,1)');
  return { name, changes: items.map(([cell, distribution]) => ({ cell, distribution })) };
}

/** Reads `NAME:Sheet!A1=low 5%,Sheet!A2=high 10%`. Throws AnalysisRefusal. */
export function readStress(text: string): Stress {
  const example = 'crash:Sheet!A1=low 5%,Sheet!A2=high 10%';
  const { name, items } = namedItems(text, example);
  const parts = items.map(([cell, part]) => {
    const [, side, digits] = /^(low|high)\s+([\d.]+)\s*%$/i.exec(part) ?? [];
    const share = Number(digits) / 100;
    if (side === undefined || !(share > 0 && share < 1)) throw unreadable(text, example);
    return side.toLowerCase() === 'low' ? { cell, from: 0, to: share } : { cell, from: 1 - share, to: 1 };
  });
  return { name, parts };
}

/** The request with a scenario's changes in the place of what it had for those cells. Throws RequestRefusal. */
export function changedRequest<T extends ModelRequest>(request: T, changes: readonly Change[], workbook: Workbook): T {
  const cells = new Set(changes.map(({ cell }) => cellNamed(workbook, cell, 'scenario')));
  const kept = request.inputs.filter(
    ({ cell }) => cell.includes(':') || !cells.has(cellNamed(workbook, cell, 'input')),
  );
  return { ...request, inputs: [...kept, ...changes], correlations: withoutFixed(request, changes, workbook) };
}

/** A cell that holds a number moves with nothing. */
function withoutFixed(
  { correlations }: ModelRequest,
  changes: readonly Change[],
  workbook: Workbook,
): ModelRequest['correlations'] {
  const fixed = changes.filter(({ distribution }) => Number.isFinite(Number(distribution)));
  const cells = new Set(fixed.map(({ cell }) => cellNamed(workbook, cell, 'scenario')));
  const isFixed = (cell: string) => cells.has(cellNamed(workbook, cell, 'correlation'));
  return correlations.filter(({ first, second }) => !isFixed(first) && !isFixed(second));
}

/**
 * The changes that a stress makes: each input's distribution cut to its part. Inputs that are tied to it follow as far
 * as the correlation of their ranks takes them. Throws AnalysisRefusal for a cell that is not drawn.
 */
export function stressChanges({ parts }: Stress, request: ModelRequest, workbook: Workbook): Change[] {
  return parts.map(({ cell, from, to }) => {
    const wanted = cellNamed(workbook, cell, 'stress');
    const input = request.inputs.find(
      (one) => !one.cell.includes(':') && cellNamed(workbook, one.cell, 'input') === wanted,
    );
    if (input === undefined) throw new AnalysisRefusal('not-an-input', `A stress takes inputs, and ${cell} is none.`);
    return { cell, distribution: `tail(${input.distribution},${from},${to})` };
  });
}

function namedItems(text: string, example: string): { name: string; items: (readonly [string, string])[] } {
  const [, name, rest] = /^([^:!=]+):(.+)$/s.exec(text) ?? [];
  if (name === undefined || rest === undefined) throw unreadable(text, example);
  const items = parted(rest).map((item) => {
    const at = item.indexOf('=');
    if (at <= 0 || at === item.length - 1) throw unreadable(text, example);
    return [item.slice(0, at).trim(), item.slice(at + 1).trim()] as const;
  });
  return { name: name.trim(), items };
}

/** Split at the commas that stand outside quotes, parentheses and braces. */
function parted(text: string): string[] {
  const items: string[] = [];
  let [depth, quoted, start] = [0, false, 0];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (letter === "'") quoted = !quoted;
    else if (quoted) continue;
    else if ('({'.includes(letter)) depth += 1;
    else if (')}'.includes(letter)) depth -= 1;
    else if (letter === ',' && depth === 0) {
      items.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...items, text.slice(start)];
}

function unreadable(text: string, example: string): AnalysisRefusal {
  return new AnalysisRefusal('unreadable', `"${text}" is not understood: write "${example}".`);
}

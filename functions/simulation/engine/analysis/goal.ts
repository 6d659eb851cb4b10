import { WorkbookCalculation } from '../calculation/calculation.ts';
import { positionOf } from '../compiler/cells.ts';
import { worksheetFunctions } from '../functions/registry.ts';
import { cellNamed } from '../request/cells.ts';
import type { OutputStatistics } from '../run/statistics.ts';
import type { Workbook } from '../workbook/model.ts';
import { AnalysisRefusal } from './refusal.ts';
import { rootNear, type SearchBounds } from './root.ts';

/** Which figure of an output a goal is for. */
export type GoalStatistic =
  | { readonly kind: 'value' | 'mean' | 'deviation' }
  | { readonly kind: 'percentile'; readonly percent: number };

/** An output's figure that is wanted at a value, and the cell whose number may be changed for it. */
export type Goal = {
  readonly statistic: GoalStatistic;
  readonly output: string;
  readonly wanted: number;
  readonly by: string;
  readonly bounds?: SearchBounds;
};

export type GoalSolution = {
  /** What the changed cell is to hold, and what it held. */
  readonly value: number;
  readonly before: number;
  /** The figure there. */
  readonly reached: number;
  readonly tries: number;
};

/** How near the goal is near enough, of the greater of the goal and the figure's first distance from it. */
const nearness = 1e-9;

/** Reads `Sheet!D28=0` for the cell's own value, `mean(Sheet!D28)=0`, `deviation(…)=` or `p5(…)=`. Throws AnalysisRefusal. */
export function readGoal(text: string, by: string, bounds?: SearchBounds): Goal {
  const at = text.lastIndexOf('=');
  const wanted = Number(text.slice(at + 1));
  const left = text.slice(0, at).trim();
  const [, name, inner] = /^(mean|deviation|p[\d.]+)\((.+)\)$/i.exec(left) ?? [];
  if (at <= 0 || left === '' || text.slice(at + 1).trim() === '' || !Number.isFinite(wanted))
    throw new AnalysisRefusal(
      'unreadable',
      `"${text}" is no goal: write "Sheet!D28=0", "mean(Sheet!D28)=0" or "p5(Sheet!D28)=0".`,
    );
  const goal = { statistic: statisticNamed(name?.toLowerCase(), text), output: inner ?? left, wanted, by };
  return bounds === undefined ? goal : { ...goal, bounds };
}

function statisticNamed(name: string | undefined, text: string): GoalStatistic {
  if (name === undefined) return { kind: 'value' };
  if (name === 'mean' || name === 'deviation') return { kind: name };
  const percent = Number(name.slice(1));
  if (percent > 0 && percent < 100) return { kind: 'percentile', percent };
  throw new AnalysisRefusal('unreadable', `"${text}" asks for a percentile outside 0 to 100.`);
}

/** The goal met by the workbook's own recalculation, nothing drawn. Throws AnalysisRefusal and RequestRefusal. */
export function seekValue(goal: Goal, workbook: Workbook, now: number): Promise<GoalSolution> {
  const output = positionOf(cellNamed(workbook, goal.output, 'goal'));
  const changed = positionOf(cellNamed(workbook, goal.by, 'goal'));
  const calculation = new WorkbookCalculation(workbook, worksheetFunctions, { now, random: () => 0.5 });
  calculation.recalculate();
  return seek(goal, workbook, (x) => {
    calculation.set(changed, x);
    calculation.recalculate();
    const value = calculation.value(output);
    return Promise.resolve(typeof value === 'number' ? value : Number.NaN);
  });
}

/**
 * The goal met by a figure of the output's distribution. `run` simulates with the changed cell at a number, always
 * with the same seed: common random numbers, so that the figure is a function of that number and of nothing else.
 */
export function seekStatistic(
  goal: Goal,
  workbook: Workbook,
  run: (value: number) => Promise<OutputStatistics>,
): Promise<GoalSolution> {
  return seek(goal, workbook, async (x) => figureOf(await run(x), goal.statistic));
}

function figureOf(output: OutputStatistics, statistic: GoalStatistic): number {
  if (statistic.kind === 'deviation') return output.standardDeviation;
  if (statistic.kind !== 'percentile') return output.mean;
  return output.percentiles.find(({ percent }) => percent === statistic.percent)?.value ?? Number.NaN;
}

async function seek(goal: Goal, workbook: Workbook, figure: (x: number) => Promise<number>): Promise<GoalSolution> {
  const before = storedNumber(goal, workbook);
  const first = await figure(before);
  if (!Number.isFinite(first))
    throw new AnalysisRefusal('no-number', `The goal ${goal.output} is no number with ${goal.by} at ${before}.`);
  const tolerance = nearness * Math.max(Math.abs(goal.wanted), Math.abs(first - goal.wanted), 1e-12);
  const search = await rootNear(async (x) => (await figure(x)) - goal.wanted, before, tolerance, goal.bounds);
  if (search.kind === 'found') {
    const { at, tries } = search;
    return { value: at.x, before, reached: at.y + goal.wanted, tries };
  }
  const at = ({ x, y }: { x: number; y: number }) => `${y + goal.wanted} at ${x}`;
  throw new AnalysisRefusal(
    'no-solution',
    search.kind === 'jump'
      ? `${goal.output} jumps over ${goal.wanted}: it is ${at(search.below)} and ${at(search.above)}.`
      : `No ${goal.by} was found that brings ${goal.output} to ${goal.wanted}: over ${search.tries} tries it went from ${at(search.least)} to ${at(search.greatest)}.`,
  );
}

function storedNumber({ by }: Goal, workbook: Workbook): number {
  const { sheet, row, column } = positionOf(cellNamed(workbook, by, 'goal'));
  const value = workbook.sheets[sheet]?.values.get(row * 16_384 + column);
  if (typeof value !== 'number') throw new AnalysisRefusal('no-number', `The cell ${by} holds no number to change.`);
  return value;
}

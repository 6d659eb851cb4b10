import { independentTail, shapeOf, type TailRisk } from '../statistics/distribution-summary.ts';
import { momentsOf } from '../statistics/moments.ts';
import { type OrderedValues, orderedValues } from '../statistics/ordered-values.ts';
import { engineVersion } from '../version.ts';
import { filteredDays, settledMoves } from './moves.ts';
import { checkRequest, type PortfolioRequest, type RiskMethod } from './request.ts';
import { bootstrapProgram, correlatedProgram } from './scenario-program.ts';
import { drawnScenarios, enumeratedScenarios, type Scenarios } from './scenarios.ts';

/**
 * Risk over the horizon at one level, in the money that the positions' values are in; its intervals say what another
 * draw of as many scenarios would give.
 */
export type LevelRisk = TailRisk & {
  /** Euler's: what each position adds to the whole; they add up to it. */
  readonly contributions: readonly {
    readonly position: string;
    readonly valueAtRisk: number;
    readonly expectedShortfall: number;
  }[];
};

export type PortfolioRisk = {
  readonly value: number;
  readonly method: RiskMethod['kind'];
  readonly scenarios: number;
  /** False where the scenarios are the history's own days. */
  readonly drawn: boolean;
  readonly mean: number;
  readonly standardDeviation: number;
  readonly correlationsRepaired: boolean;
  readonly seed: number;
  readonly engineVersion: string;
  readonly levels: readonly LevelRisk[];
};

/**
 * Value at risk and expected shortfall of a portfolio over a horizon, with each position's part. The same request
 * gives the same result to the last bit. Throws PortfolioRefusal.
 */
export async function portfolioRisk(request: PortfolioRequest): Promise<PortfolioRisk> {
  checkRequest(request);
  const { scenarios, repaired } = await scenariosOf(request);
  const moments = momentsOf(scenarios.totals);
  const ordered = orderedValues(scenarios.totals);
  return {
    value: request.positions.reduce((sum, { quantity, multiplier, price }) => sum + quantity * multiplier * price, 0),
    method: request.method.kind,
    scenarios: scenarios.totals.length,
    drawn: scenarios.drawn,
    mean: moments.mean,
    standardDeviation: shapeOf(moments).deviation,
    correlationsRepaired: repaired,
    seed: request.seed,
    engineVersion,
    levels: request.levels.map((level) => riskAt(level, request, scenarios, ordered)),
  };
}

async function scenariosOf(request: PortfolioRequest): Promise<{ scenarios: Scenarios; repaired: boolean }> {
  const { source, method, scaling } = request;
  if (method.kind === 'normal' || method.kind === 'student') {
    const moves = settledMoves(source);
    return { scenarios: await drawnScenarios(correlatedProgram(request, moves), request), repaired: moves.repaired };
  }
  const stored = source.kind === 'history' ? source.days : [];
  const days = method.kind === 'filtered' ? filteredDays(stored, method.decay) : stored;
  const scenarios =
    scaling === 'root'
      ? enumeratedScenarios(request, days)
      : await drawnScenarios(bootstrapProgram(request, days), request);
  return { scenarios, repaired: false };
}

function riskAt(level: number, request: PortfolioRequest, scenarios: Scenarios, ordered: OrderedValues): LevelRisk {
  const risk = independentTail(ordered, level);
  const parts = contributionsAt(level, request, scenarios, ordered);
  const [near, beyond] = [total(parts.near), total(parts.beyond)];
  return {
    ...risk,
    contributions: request.positions.map(({ name }, at) => ({
      position: name,
      // Scenarios around the percentile average to nearly its value; the hair that is left is shared in proportion.
      valueAtRisk: near === 0 ? 0 : ((parts.near[at] ?? 0) / near) * risk.valueAtRisk,
      expectedShortfall: beyond === 0 ? 0 : ((parts.beyond[at] ?? 0) / beyond) * risk.expectedShortfall,
    })),
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * Mean gains of each position in the tail, and in the scenarios around the percentile (a fifth of the tail, half of
 * it on either side): D. Tasche, "Risk contributions and performance measurement" (1999): the derivatives of expected
 * shortfall and value at risk are these conditional means.
 */
function contributionsAt(
  level: number,
  { positions }: PortfolioRequest,
  { totals, eachBlock }: Scenarios,
  ordered: OrderedValues,
): { readonly beyond: readonly number[]; readonly near: readonly number[] } {
  const count = ordered.length;
  const tail = Math.max(1, Math.floor(count * (1 - level)));
  const side = Math.max(1, Math.floor(tail / 10));
  const at = (place: number) => ordered.at(Math.min(count - 1, Math.max(0, place))) ?? 0;
  const [limit, from, to] = [at(tail - 1), at(tail - side), at(tail + side)];
  const beyond = positions.map(() => 0);
  const near = positions.map(() => 0);
  eachBlock((start, gains) => {
    const size = gains[0]?.length ?? 0;
    for (let index = 0; index < size; index += 1) {
      const whole = totals[start + index] ?? 0;
      if (whole <= limit) addInto(beyond, gains, index);
      if (whole >= from && whole <= to) addInto(near, gains, index);
    }
  });
  return { beyond, near };
}

function addInto(sums: number[], gains: readonly Float64Array[], index: number): void {
  for (let at = 0; at < sums.length; at += 1) sums[at] = (sums[at] ?? 0) + (gains[at]?.[index] ?? 0);
}

import type * as z from 'zod';
import { subtract } from '#contracts/kit/decimal.ts';
import type { computeValueAtRisk } from '#contracts/simulation/api.ts';
import { PortfolioRefusal } from '../engine/portfolio/refusal.ts';
import type { MoveSource, PortfolioRequest, RiskMethod } from '../engine/portfolio/request.ts';

type Asked = z.infer<typeof computeValueAtRisk.input>;

/** About how many moves are drawn. */
export function workOf({ positions, horizonDays, scaling, paths }: Asked): number {
  return positions.length * (scaling === 'drawn' ? horizonDays : 1) * paths;
}

/** The request as the engine takes it: exact decimals become doubles here, differences of prices before that. Throws PortfolioRefusal. */
export function portfolioRequestOf(asked: Asked): PortfolioRequest {
  const { positions, method, horizonDays, scaling, levels, paths, seed } = asked;
  return {
    positions: positions.map(({ instrument, quantity, multiplier, price }) => ({
      name: instrument,
      quantity: Number(quantity),
      multiplier: Number(multiplier),
      price: Number(price),
    })),
    source: movesOf(asked),
    method: riskMethodOf(method),
    horizonDays,
    scaling,
    levels,
    paths,
    seed,
  };
}

function riskMethodOf(method: Asked['method']): RiskMethod {
  return method.kind === 't' ? { kind: 'student', freedom: method.freedom } : method;
}

function movesOf({ positions, correlations }: Asked): MoveSource {
  const histories = positions.flatMap(({ prices }) => (prices === undefined ? [] : [prices]));
  const deviations = positions.flatMap(({ volatility }) => (volatility === undefined ? [] : [volatility]));
  if (histories.length === positions.length && deviations.length === 0) {
    if (correlations !== undefined)
      throw new PortfolioRefusal('bad-moves', 'A history has its own correlations: leave them out.');
    return { kind: 'history', days: daysOf(histories) };
  }
  if (deviations.length !== positions.length || histories.length > 0)
    throw new PortfolioRefusal('bad-moves', 'Either every position has a volatility, or every position has prices.');
  const independent = positions.map((_, row) => positions.map((__, column) => (row === column ? 1 : 0)));
  return { kind: 'deviations', deviations, correlations: correlations ?? independent };
}

/** Absolute moves from day to day, each day with all positions. */
function daysOf(histories: readonly (readonly string[])[]): number[][] {
  const [first = []] = histories;
  if (histories.some((prices) => prices.length !== first.length))
    throw new PortfolioRefusal('bad-moves', 'The prices of all positions are of the same days.');
  return first
    .slice(1)
    .map((_, day) => histories.map((prices) => Number(subtract(prices[day + 1] ?? '0', prices[day] ?? '0'))));
}

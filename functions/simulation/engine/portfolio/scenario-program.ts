import {
  type Distribution,
  fromNormal,
  fromUniform,
  normalRange,
  uniformRange,
} from '../distributions/distribution.ts';
import { chiSquared } from '../distributions/student-scores.ts';
import { type Builder, createBuilder, type Real } from '../kernel/builder.ts';
import type { Program } from '../kernel/program.ts';
import type { SampledColumn } from '../sampling/sampler.ts';
import type { SettledMoves } from './moves.ts';
import type { PortfolioRequest } from './request.ts';

/** A program whose first output is the portfolio's gain, and whose others are each position's. */
export type ScenarioProgram = { readonly program: Program; readonly columns: readonly SampledColumn[] };

type Draw = (identity: string, from: SampledColumn['from']) => Real;

/** Gains where moves are normal or Student's t: one draw for each position (and day, where days are drawn). */
export function correlatedProgram(request: PortfolioRequest, { deviations, factor }: SettledMoves): ScenarioProgram {
  const { positions, method, horizonDays, scaling } = request;
  const days = scaling === 'drawn' ? horizonDays : 1;
  const width = scaling === 'drawn' ? 1 : Math.sqrt(horizonDays);
  return programOf((k, draw) => {
    const drivers: (Real | undefined)[] = positions.map(() => undefined);
    for (let day = 0; day < days; day += 1) {
      const stretch = stretchOf(k, draw, method, day);
      positions.forEach(({ name }, at) => {
        const normal = draw(`${name}/${day}`, 'normal');
        const shock = stretch === undefined ? normal : k.multiply(normal, stretch);
        const before = drivers[at];
        drivers[at] = before === undefined ? shock : k.add(before, shock);
      });
    }
    return positions.map(({ quantity, multiplier }, row) => {
      const exposure = quantity * multiplier * (deviations[row] ?? 0) * width;
      const parts = (factor[row] ?? []).slice(0, row + 1).map((weight, at) => {
        const driver = drivers[at] ?? k.constant(0);
        return k.multiply(k.constant(exposure * weight), driver);
      });
      return parts.reduce((sum, part) => k.add(sum, part));
    });
  });
}

/** What makes a day's normals Student's t of unit deviation: √((ν - 2) / χ²), one for all positions. */
function stretchOf(k: Builder, draw: Draw, method: PortfolioRequest['method'], day: number): Real | undefined {
  if (method.kind !== 'student') return undefined;
  const divisor: Distribution = chiSquared(method.freedom);
  const { from } = divisor.sample;
  const column = draw(`/t/${day}`, from);
  const sample = from === 'normal' ? fromNormal(k, divisor, column) : fromUniform(k, divisor, column);
  return k.apply('root', k.divide(k.constant(method.freedom - 2), sample));
}

/** Gains where a whole day of the history is drawn, with all its moves, for each day of the horizon. */
export function bootstrapProgram(
  { positions, horizonDays }: PortfolioRequest,
  days: readonly (readonly number[])[],
): ScenarioProgram {
  return programOf((k, draw) => {
    const places = Array.from({ length: horizonDays }, (_, day) => {
      const place = k.apply('floor', k.multiply(draw(`/day/${day}`, 'uniform'), k.constant(days.length)));
      return k.combine('least', place, k.constant(days.length - 1));
    });
    return positions.map(({ quantity, multiplier }, at) => {
      const exposure = quantity * multiplier;
      const table = k.table(Float64Array.from(days, (day) => exposure * (day[at] ?? 0)));
      const gains = places.map((place) => k.lookup(table, place));
      return gains.reduce((sum, gain) => k.add(sum, gain));
    });
  });
}

function programOf(gainsOf: (k: Builder, draw: Draw) => Real[]): ScenarioProgram {
  const k = createBuilder();
  const columns: SampledColumn[] = [];
  const gains = gainsOf(k, (identity, from) => {
    columns.push({ identity: `portfolio/${identity}`, from });
    return k.column(columns.length - 1, from === 'normal' ? normalRange : uniformRange);
  });
  const total = gains.reduce((sum, gain) => k.add(sum, gain));
  return { program: k.finish([total, ...gains]), columns };
}

import { choleskyFactor } from '../correlation/matrix.ts';
import { nearestCorrelation } from '../correlation/nearest-correlation.ts';
import type { MoveSource } from './request.ts';

/** Deviations of one day's moves, and the lower triangle of their correlation. */
export type SettledMoves = {
  readonly deviations: readonly number[];
  readonly factor: readonly (readonly number[])[];
  /** The correlations did not fit together and were replaced by the nearest that do. */
  readonly repaired: boolean;
};

/** Correlations that are moved by less than this are not said to be repaired: equal instruments need only a hair. */
const hair = 1e-6;

/** Deviations and factored correlations, those of the history where one is given. */
export function settledMoves(source: MoveSource): SettledMoves {
  const { deviations, correlations } = source.kind === 'history' ? estimated(source.days) : source;
  const factor = choleskyFactor(correlations);
  if (factor !== undefined) return { deviations, factor, repaired: false };
  const nearest = nearestCorrelation(correlations);
  const moved = nearest.some((row, i) => row.some((value, j) => Math.abs(value - (correlations[i]?.[j] ?? 0)) > hair));
  return { deviations, factor: choleskyFactor(nearest) ?? [], repaired: moved };
}

function estimated(days: readonly (readonly number[])[]): Omit<MoveSource & { kind: 'deviations' }, 'kind'> {
  const size = days[0]?.length ?? 0;
  const count = days.length;
  const means = Array.from({ length: size }, (_, at) => days.reduce((sum, day) => sum + (day[at] ?? 0), 0) / count);
  const covariance = means.map((_, i) =>
    means.map(
      (__, j) =>
        days.reduce((sum, day) => sum + ((day[i] ?? 0) - (means[i] ?? 0)) * ((day[j] ?? 0) - (means[j] ?? 0)), 0) /
        (count - 1),
    ),
  );
  const deviations = covariance.map((row, i) => Math.sqrt(row[i] ?? 0));
  const correlations = covariance.map((row, i) =>
    row.map((value, j) => {
      const scale = (deviations[i] ?? 0) * (deviations[j] ?? 0);
      return i === j ? 1 : scale > 0 ? value / scale : 0;
    }),
  );
  return { deviations, correlations };
}

/**
 * A history in today's volatility: J. Hull and A. White, "Incorporating volatility updating into the historical
 * simulation method for value-at-risk", Journal of Risk 1 (1998). Volatilities are exponentially weighted, from the
 * whole history's own at its start.
 */
export function filteredDays(days: readonly (readonly number[])[], decay: number): number[][] {
  const size = days[0]?.length ?? 0;
  const variances = Array.from(
    { length: size },
    (_, at) => days.reduce((sum, day) => sum + (day[at] ?? 0) ** 2, 0) / days.length,
  );
  const standardised = days.map((day) =>
    day.map((move, at) => {
      const variance = variances[at] ?? 0;
      variances[at] = decay * variance + (1 - decay) * move * move;
      return variance > 0 ? move / Math.sqrt(variance) : 0;
    }),
  );
  return standardised.map((day) => day.map((score, at) => score * Math.sqrt(variances[at] ?? 0)));
}

import {
  type Interval,
  independentPercentile,
  independentShare,
  independentTail,
  type Percentile,
  type Probability,
  percentileOf,
  replicatedInterval,
  replicatedReach,
  type TailRisk,
  tailFigures,
} from '../statistics/distribution-summary.ts';
import type { Moments } from '../statistics/moments.ts';
import { type OrderedValues, orderedValues } from '../statistics/ordered-values.ts';
import { groupsOf, type Measured } from './measure.ts';
import type { RunSettings } from './settings.ts';

/** The figures that need all of an output's values, or a sketch that counts them all. */
export type Figures = {
  readonly moments: Moments;
  readonly standardError: number;
  readonly percentiles: readonly Percentile[];
  readonly percentileError: number;
  readonly tail: (level: number) => TailRisk;
  /** The share of paths on which the output lies below a value. */
  readonly below: (value: number) => Probability;
};

/** The figures that are worked out from all values, with errors as the sampling method lets them be known. */
export function sampledFigures(
  { sampling }: RunSettings,
  percents: readonly number[],
  { moments, standardError, values }: Measured,
): Figures {
  const ordered = orderedValues(values);
  const known = { moments, standardError, percentileError: 0 };
  if (sampling === 'random') {
    return {
      ...known,
      percentiles: percents.map((percent) => independentPercentile(ordered, percent)),
      tail: (level) => independentTail(ordered, level),
      below: (value) => independentShare(ordered.countBelow(value), ordered.length),
    };
  }
  // Pairs and the points of one randomisation depend on each other; groups of them as wholes do not.
  const groups = groupsOf(values, sampling).map(orderedValues);
  return { ...known, ...replicatedFigures(percents, ordered, groups) };
}

function replicatedFigures(
  percents: readonly number[],
  ordered: OrderedValues,
  groups: readonly OrderedValues[],
): Pick<Figures, 'percentiles' | 'tail' | 'below'> {
  const spread = (value: number, figure: (group: OrderedValues) => number): Interval =>
    replicatedInterval(value, groups.map(figure));
  return {
    percentiles: percents.map((percent) => {
      const value = percentileOf(ordered, percent);
      return { percent, value, interval: spread(value, (group) => percentileOf(group, percent)) };
    }),
    tail: (level) => {
      const { value, shortfall } = tailFigures(ordered, level);
      return {
        level,
        valueAtRisk: value,
        valueAtRiskInterval: spread(value, (group) => tailFigures(group, level).value),
        expectedShortfall: shortfall,
        expectedShortfallInterval: spread(shortfall, (group) => tailFigures(group, level).shortfall),
      };
    },
    below: (limit) => {
      const share = (all: OrderedValues) => all.countBelow(limit) / all.length;
      const value = share(ordered);
      const { high } = spread(value, share);
      // Stratified counts may agree in all groups by chance: a group tells shares no closer than one path of its own.
      const closest = replicatedReach(0.5 / ((ordered.length / groups.length) * Math.sqrt(groups.length)));
      const half = Math.max(high - value, closest);
      return { value, interval: { low: Math.max(0, value - half), high: Math.min(1, value + half) } };
    },
  };
}

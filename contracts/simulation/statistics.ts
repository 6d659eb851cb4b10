import * as z from 'zod';

/** A figure; null where there is none: the mean of an output that is an error on every path. */
const figure = z.number().nullable();
const interval = z.object({ low: figure, high: figure });

/** What is reported of an output: 95 % intervals, losses positive. Figures that are added later are passed on. */
export const outputStatistics = z.looseObject({
  cell: z.string(),
  /** With every input as stored. */
  base: z.number().optional(),
  paths: z.int(),
  /** Paths on which the output was an error; they are in no other figure. */
  errors: z.int(),
  /** Which errors they were, by code such as `#DIV/0!` or `text`, on the first of them that were looked at again. */
  errorKinds: z.looseObject({ failing: z.int(), looked: z.int(), kinds: z.record(z.string(), z.int()) }).optional(),
  mean: figure,
  standardError: figure,
  standardDeviation: figure,
  skewness: figure,
  /** Above that of a normal. */
  kurtosis: figure,
  minimum: figure,
  maximum: figure,
  percentiles: z.array(z.looseObject({ percent: z.number(), value: figure, interval })),
  /** 0 where percentiles are those of all values; else by what share of its distance from the median one may be off. */
  percentileError: z.number(),
  valueAtRisk95: figure,
  expectedShortfall95: figure,
  risks: z.array(
    z.looseObject({
      level: z.number(),
      valueAtRisk: figure,
      valueAtRiskInterval: interval,
      expectedShortfall: figure,
      expectedShortfallInterval: interval,
    }),
  ),
  probabilityBelowZero: figure,
  thresholds: z.array(z.looseObject({ value: z.number(), probabilityBelow: figure, interval })),
  histogram: z.looseObject({ low: figure, width: figure, counts: z.array(z.number()) }),
  sensitivities: z.array(
    z.looseObject({
      input: z.string(),
      /** Spearman's. */
      rankCorrelation: figure,
      standardisedCoefficient: figure,
      contributionToVariance: figure,
      /** The output's mean among the lowest and the highest tenth of the input. */
      outputAtLow: figure,
      outputAtHigh: figure,
    }),
  ),
  /** The running mean and half of its interval. */
  convergence: z.array(z.looseObject({ paths: z.int(), mean: figure, half: figure })),
});
export type OutputStatistics = z.infer<typeof outputStatistics>;

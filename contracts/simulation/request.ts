import * as z from 'zod';
import { instant } from '../kit/trading-terms.ts';

/** "Model!B30", "'My sheet'!B30", a defined name; outputs and series may be ranges. */
const cell = z.string().min(1).max(300);

const copula = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('gaussian') }),
  z.strictObject({ kind: z.literal('t'), freedom: z.number().min(1).max(1_000) }),
  z.strictObject({ kind: z.literal('iman-conover') }),
]);

/** What a run was asked for. */
export const simulationRequest = z.strictObject({
  workbookId: z.uuid(),
  name: z.string().min(1).max(200).optional(),
  inputs: z
    .array(
      z.strictObject({
        cell,
        /** As people write it: `normal(0,1)`, `truncate(normal(0,1),-2,2)`, `empirical(Data!A2:A99)`, `gbm(8500,3%,28%,1/12)`. */
        distribution: z.string().min(1).max(2_000),
      }),
    )
    .max(2_000)
    .default([]),
  outputs: z.array(cell).min(1).max(500),
  /** Spearman's rank correlations between inputs; those that do not fit together are repaired, and the result says so. */
  correlations: z
    .array(z.strictObject({ first: cell, second: cell, rank: z.number().min(-1).max(1) }))
    .max(20_000)
    .default([]),
  copula: copula.default({ kind: 'gaussian' }),
  /** The probability of an output below a value is reported. */
  thresholds: z
    .array(z.strictObject({ cell, value: z.number() }))
    .max(500)
    .default([]),
  /** How many, or with a precision how many at most. */
  paths: z.int().min(1).max(4_000_000_000).default(1_000_000),
  /** Absent: one is drawn, and the result tells which. */
  seed: z.int().min(0).max(4_294_967_295).optional(),
  sampling: z.enum(['random', 'antithetic', 'latin-hypercube', 'sobol']).default('random'),
  /** Stops once half of the 95 % interval of every output's mean, or percentile, is this small. */
  precision: z
    .strictObject({
      statistic: z.union([z.literal('mean'), z.number().gt(0).lt(100)]),
      halfWidth: z.number().gt(0),
      /** Of the statistic's value. */
      relative: z.boolean().default(false),
    })
    .optional(),
  /** Percentiles wanted beside 1, 5, 10, 25, 50, 75, 90, 95 and 99. */
  percents: z.array(z.number().gt(0).lt(100)).max(100).default([]),
  /** Confidences of value at risk and expected shortfall. */
  riskLevels: z.array(z.number().min(0.5).max(0.9999)).min(1).max(20).default([0.95, 0.99]),
  /** gpu: a job on an L4, or where there is none the functions' processors, and the result says so; auto: the processors. */
  backend: z.enum(['auto', 'cpu', 'gpu']).default('auto'),
  /** fast: fused multiply-add on a GPU; elsewhere the same as exact. */
  mode: z.enum(['exact', 'fast']).default('exact'),
  /** The moment that NOW and TODAY give; absent: when it was asked for. */
  asOf: instant.optional(),
});

/** Why a request cannot be run; each comes with a sentence that names the cell. A run that was queued fails with the same codes. */
export const simulationRefusals = [
  'unknown-cell',
  'empty-cell',
  'input-twice',
  'not-an-input',
  'not-an-output',
  'impossible-parameter',
  'impossible-settings',
  'unsupported-formula',
  'bad-formula',
  'bad-input',
  'cycle',
  'workbook-refused',
] as const;

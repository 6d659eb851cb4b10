import * as z from 'zod';
import { decimal } from '../kit/decimal.ts';
import { instrumentId } from '../kit/trading-terms.ts';

/** Positions times days (or 250) times paths of one request: what is worked out while somebody waits. */
export const VALUE_AT_RISK_WORK = 2e8;

const tail = z.object({
  level: z.number(),
  /** Losses are positive, in the money that the positions' values are in. */
  valueAtRisk: z.number(),
  valueAtRiskInterval: z.object({ low: z.number(), high: z.number() }),
  expectedShortfall: z.number(),
  expectedShortfallInterval: z.object({ low: z.number(), high: z.number() }),
  /** What each position adds to the whole (Euler's): they add up to it. */
  contributions: z.array(
    z.object({ instrument: instrumentId, valueAtRisk: z.number(), expectedShortfall: z.number() }),
  ),
});

/** Why a portfolio's risk cannot be worked out. */
export const portfolioRefusals = [
  'bad-position',
  'bad-moves',
  'too-few-days',
  'history-needed',
  'bad-setting',
] as const;

/** Positions, and how their prices move. */
export const portfolio = z.strictObject({
  positions: z
    .array(
      z.strictObject({
        instrument: instrumentId,
        /** Below zero is short. */
        quantity: decimal,
        multiplier: decimal,
        /** It may be negative: moves are absolute, and no logarithm of a price is taken. */
        price: decimal,
        /** Standard deviation of one day's move, in price units; of all positions or of none. */
        volatility: z.number().min(0).optional(),
        /** Daily prices, the oldest first, of the same days for all positions; instead of volatilities. */
        prices: z.array(decimal).max(1_300).optional(),
      }),
    )
    .min(1)
    .max(200),
  /** Of one day's moves, a row for each position; absent: independent. Not with a history, which has its own. */
  correlations: z.array(z.array(z.number().min(-1).max(1))).optional(),
  method: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('normal') }),
      z.strictObject({ kind: z.literal('t'), freedom: z.number().gt(2).max(1_000) }),
      z.strictObject({ kind: z.literal('historical') }),
      /** Historical moves in proportion to today's volatility. */
      z.strictObject({ kind: z.literal('filtered'), decay: z.number().gt(0).lt(1).default(0.94) }),
    ])
    .default({ kind: 'normal' }),
  horizonDays: z.int().min(1).max(250).default(1),
  /** root: one day's move times the root of the horizon; drawn: a move is drawn for each of its days. */
  scaling: z.enum(['root', 'drawn']).default('root'),
  levels: z.array(z.number().min(0.5).max(0.999)).min(1).max(10).default([0.95, 0.99]),
  paths: z.int().min(1_000).max(1_000_000).default(100_000),
  seed: z.int().min(0).max(4_294_967_295).default(1),
});

export const portfolioRisk = z.object({
  value: z.number(),
  method: z.string(),
  scenarios: z.int(),
  /** False where the scenarios are the history's own days. */
  drawn: z.boolean(),
  mean: z.number(),
  standardDeviation: z.number(),
  correlationsRepaired: z.boolean(),
  seed: z.int(),
  engineVersion: z.string(),
  levels: z.array(tail),
});

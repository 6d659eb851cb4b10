import * as z from 'zod';
import { decimal } from '../kit/decimal.ts';
import { operation } from '../kit/operation.ts';
import { instant, instrumentId } from '../kit/trading-terms.ts';
import { outputStatistics } from './statistics.ts';

/** "Model!B30", "'My sheet'!B30", a defined name; outputs and series may be ranges. */
const cell = z.string().min(1).max(300);

const copula = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('gaussian') }),
  z.strictObject({ kind: z.literal('t'), freedom: z.number().min(1).max(1_000) }),
  z.strictObject({ kind: z.literal('iman-conover') }),
]);

/** What a run was asked for. */
const simulationRequest = z.strictObject({
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
  backend: z.enum(['auto', 'cpu', 'gpu']).default('auto'),
  /** fast: fused multiply-add on a GPU; elsewhere the same as exact. */
  mode: z.enum(['exact', 'fast']).default('exact'),
  /** The moment that NOW and TODAY give; absent: when it was asked for. */
  asOf: instant.optional(),
});

const state = z.enum(['queued', 'preparing', 'running', 'completed', 'failed', 'cancelled']);

const simulation = z.object({
  simulationId: z.uuid(),
  /** Rises with everything that is told of the run. */
  version: z.int(),
  name: z.string().optional(),
  workbookId: z.uuid(),
  state,
  requestedBy: z.string(),
  createdAt: instant,
  startedAt: instant.optional(),
  finishedAt: instant.optional(),
  paths: z.int(),
  pathsDone: z.int(),
  pathsPerSecond: z.number().optional(),
  secondsLeft: z.number().optional(),
  /** Of a failed run: a closed code, and a sentence that names the cell. */
  failure: z.object({ code: z.string(), detail: z.string() }).optional(),
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

export const createSimulation = operation({
  method: 'POST',
  path: '/v1/simulations',
  summary: "Asks for the distribution of a workbook's outputs",
  audience: 'public',
  roles: 'authenticated',
  input: simulationRequest,
  output: z.object({ simulationId: z.uuid(), state: z.literal('queued'), seed: z.int() }),
  problems: ['not-found', ...simulationRefusals],
  status: 202,
  quotaPerMinute: 600,
});

export const listSimulations = operation({
  method: 'GET',
  path: '/v1/simulations',
  summary: 'Simulations, the latest asked for first',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
    state: state.optional(),
    workbookId: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    /** `next` of the page before. */
    after: z.string().max(200).optional(),
  }),
  output: z.object({
    simulations: z.array(simulation),
    /** Absent on the last page. */
    next: z.string().optional(),
  }),
  problems: ['invalid-request'],
  quotaPerMinute: 6_000,
});

export const getSimulation = operation({
  method: 'GET',
  path: '/v1/simulations/{id}',
  summary: 'One simulation, what it was asked for and how far it is',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: simulation.extend({ request: simulationRequest, backend: z.string().optional() }),
  problems: ['not-found'],
  versionField: 'version',
  quotaPerMinute: 6_000,
});

export const getSimulationResults = operation({
  method: 'GET',
  path: '/v1/simulations/{id}/results',
  summary: 'The statistics of a completed simulation, and all that is needed to run it again identically',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({
    simulationId: z.uuid(),
    workbook: z.object({ workbookId: z.uuid(), name: z.string(), sha256: z.string() }),
    /** The ranges of the workbook that inputs were drawn from, by what they held. */
    dataSnapshot: z.array(z.object({ source: z.string(), values: z.int(), sha256: z.string() })),
    engineVersion: z.string(),
    /** What ran the model: webassembly, recalculation, cuda. */
    backend: z.string(),
    mode: z.enum(['exact', 'fast']),
    sampling: z.string(),
    seed: z.int(),
    asOf: instant,
    copula: z.string(),
    /** The rank correlations that were used. */
    correlations: z.array(z.object({ inputs: z.array(z.string()), ranks: z.array(z.array(z.number())) })),
    /** Those asked for did not fit together, and the nearest that do were used. */
    correlationsRepaired: z.boolean(),
    paths: z.int(),
    stopped: z.enum(['paths', 'precision']),
    warnings: z.array(z.string()),
    /** SHA-256 over all statistics: equal for equal results. */
    digest: z.string(),
    /** One for each output cell. */
    outputs: z.array(outputStatistics),
  }),
  problems: ['not-found', 'not-completed'],
  quotaPerMinute: 6_000,
});

export const cancelSimulation = operation({
  method: 'PUT',
  path: '/v1/simulations/{id}/cancel',
  summary: 'Cancels a simulation that is not over; its workers stop within two seconds',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({ simulationId: z.uuid(), state: z.literal('cancelled') }),
  problems: ['not-found', 'already-over'],
});

export const getSimulationQueue = operation({
  method: 'GET',
  path: '/v1/simulations/queue',
  summary: "The organisation's simulations that wait: their place among all, and when they are expected to start",
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({
    waiting: z.array(
      z.object({ simulationId: z.uuid(), position: z.int().min(1), estimatedStartAt: instant, queuedAt: instant }),
    ),
    running: z.int(),
    /** Runs of this organisation that its plan lets run at once. */
    allowed: z.int(),
  }),
});

const described = { cell: z.string(), label: z.string().optional(), name: z.string().optional(), hidden: z.boolean() };

export const getWorkbook = operation({
  method: 'GET',
  path: '/v1/workbooks/{id}',
  summary: 'What a workbook holds, and which of its cells look like inputs and outputs; its id is its file’s',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({
    workbookId: z.uuid(),
    name: z.string(),
    bytes: z.int(),
    sha256: z.string(),
    state: z.enum(['read', 'refused']),
    parsedAt: instant,
    /** Of a workbook that was refused: a closed code and a sentence. */
    refusal: z.object({ code: z.string(), detail: z.string() }).optional(),
    /** Of a workbook that was read. */
    contents: z
      .object({
        sheets: z.array(
          z.object({
            name: z.string(),
            visibility: z.string(),
            rows: z.int(),
            columns: z.int(),
            values: z.int(),
            formulas: z.int(),
          }),
        ),
        skippedSheets: z.array(z.string()),
        definedNames: z.array(z.object({ name: z.string(), refersTo: z.string(), sheet: z.string().optional() })),
        tables: z.array(z.string()),
        hasMacros: z.boolean(),
        externalLinks: z.array(z.object({ number: z.int(), target: z.string().optional() })),
        /** Functions that this engine does not know; a run stops only when an output depends on one. */
        unknownFunctions: z.array(z.object({ name: z.string(), count: z.int(), cells: z.array(z.string()) })),
        inputs: z.array(z.object({ ...described, value: z.number(), readers: z.int(), reasons: z.array(z.string()) })),
        inputCount: z.int(),
        outputs: z.array(z.object({ ...described, value: z.number(), depth: z.int(), reasons: z.array(z.string()) })),
        outputCount: z.int(),
      })
      .optional(),
  }),
  problems: ['not-found'],
  quotaPerMinute: 6_000,
});

export const compareSimulations = operation({
  method: 'POST',
  path: '/v1/simulations/compare',
  summary: 'Compares completed simulations with the first of them: settings, and statistics with their standard errors',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ simulationIds: z.array(z.uuid()).min(2).max(10) }),
  output: z.object({
    baseline: z.uuid(),
    /** Settings that are not the same in all, as text, in the order of the ids. */
    settings: z.array(z.object({ setting: z.string(), values: z.array(z.string()) })),
    /** Runs with the same digest as the first: equal to the last bit. */
    identical: z.array(z.uuid()),
    outputs: z.array(
      z.object({
        cell: z.string(),
        simulationId: z.uuid(),
        differences: z.array(
          z.object({
            statistic: z.string(),
            baseline: z.number(),
            value: z.number(),
            difference: z.number(),
            /** As if the runs' paths were independent of each other. */
            standardError: z.number(),
            /** Beyond 1.96 standard errors. */
            significant: z.boolean(),
          }),
        ),
      }),
    ),
    /** Outputs that are not in every run. */
    notInAll: z.array(z.string()),
  }),
  problems: ['not-found', 'not-completed'],
});

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

export const computeValueAtRisk = operation({
  method: 'POST',
  path: '/v1/risk/var',
  summary: 'Value at risk and expected shortfall of positions, with intervals and what each position adds',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
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
  }),
  output: z.object({
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
  }),
  problems: [...portfolioRefusals, 'too-large'],
  quotaPerMinute: 120,
});

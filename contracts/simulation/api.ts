import * as z from 'zod';
import { operation } from '../kit/operation.ts';
import { instant } from '../kit/trading-terms.ts';
import { portfolio, portfolioRefusals, portfolioRisk } from './portfolio.ts';
import { simulationRefusals, simulationRequest } from './request.ts';
import { outputStatistics } from './statistics.ts';

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

export const computeValueAtRisk = operation({
  method: 'POST',
  path: '/v1/risk/var',
  summary: 'Value at risk and expected shortfall of positions, with intervals and what each position adds',
  audience: 'public',
  roles: 'authenticated',
  input: portfolio,
  output: portfolioRisk,
  problems: [...portfolioRefusals, 'too-large'],
  quotaPerMinute: 120,
});

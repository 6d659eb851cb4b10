import * as z from 'zod';
import { event } from '../kit/event.ts';
import { instant } from '../kit/trading-terms.ts';

const run = {
  simulationId: z.uuid(),
  /** Rises with everything that is told of a run: what is older than what one has may be dropped. */
  version: z.int().min(1),
  at: instant,
};

export const workbookParsed = event({
  type: 'simulation.workbook.parsed',
  version: 1,
  scope: 'tenant',
  orderBy: 'workbookId',
  summary: 'A clean workbook was read, or refused with a reason',
  data: z.object({
    workbookId: z.uuid(),
    name: z.string(),
    sha256: z.string(),
    state: z.enum(['read', 'refused']),
    code: z.string().optional(),
    detail: z.string().optional(),
    sheets: z.int().min(0),
    formulas: z.int().min(0),
    at: instant,
  }),
});

export const runQueued = event({
  type: 'simulation.run.queued',
  version: 1,
  scope: 'tenant',
  orderBy: 'simulationId',
  summary: 'A simulation was asked for and waits for its turn',
  data: z.object({ ...run, workbookId: z.uuid(), requestedBy: z.string(), plan: z.string(), paths: z.int() }),
});

export const runStarted = event({
  type: 'simulation.run.started',
  version: 1,
  scope: 'tenant',
  orderBy: 'simulationId',
  summary: 'The paths of a simulation are being run',
  data: z.object({ ...run, backend: z.string(), paths: z.int() }),
});

export const portionsReady = event({
  type: 'simulation.portions.ready',
  version: 1,
  scope: 'tenant',
  summary: 'Portions of a simulation wait for a worker: one event for each worker wanted',
  data: z.object({ simulationId: z.uuid(), worker: z.int().min(0) }),
});

export const runProgressed = event({
  type: 'simulation.run.progressed',
  version: 1,
  scope: 'tenant',
  orderBy: 'simulationId',
  summary: 'How far a simulation is; at most once a second',
  data: z.object({
    ...run,
    pathsDone: z.int().min(0),
    paths: z.int(),
    pathsPerSecond: z.number().min(0),
    secondsLeft: z.number().min(0).optional(),
  }),
});

export const runCompleted = event({
  type: 'simulation.run.completed',
  version: 1,
  scope: 'tenant',
  orderBy: 'simulationId',
  summary: 'A simulation is done and its statistics are stored',
  data: z.object({
    ...run,
    paths: z.int(),
    stopped: z.enum(['paths', 'precision']),
    backend: z.string(),
    seconds: z.number().min(0),
    /** SHA-256 over all statistics: equal for equal results. */
    digest: z.string(),
  }),
});

export const runFailed = event({
  type: 'simulation.run.failed',
  version: 1,
  scope: 'tenant',
  orderBy: 'simulationId',
  summary: 'A simulation cannot be run, with the reason',
  data: z.object({ ...run, code: z.string(), detail: z.string() }),
});

export const runCancelled = event({
  type: 'simulation.run.cancelled',
  version: 1,
  scope: 'tenant',
  orderBy: 'simulationId',
  summary: 'A simulation was cancelled',
  data: z.object({ ...run, cancelledBy: z.string() }),
});

import type * as z from 'zod';
import { createSimulation } from '#contracts/simulation/api.ts';
import type { RunRequest } from '../engine/request/prepare.ts';

type Asked = z.infer<typeof createSimulation.input>;

/** What was asked for with every choice made: nothing of it depends any more on when or where it is run. */
export type SettledRequest = Asked & { seed: number; asOf: string };

/** Throws a ZodError where a stored request is not one. */
export function readRequest(stored: unknown): SettledRequest {
  const { seed, asOf, ...asked } = createSimulation.input.parse(stored);
  if (seed === undefined || asOf === undefined) throw new RangeError('a stored request has its seed and its moment');
  return { ...asked, seed, asOf };
}

/** Excel's serial number of 1 January 1970, and the milliseconds of a day. */
const UNIX_EPOCH = 25_569;
const DAY = 86_400_000;

/** The request as the engine takes it. */
export function runRequestOf({ asOf, precision, ...asked }: SettledRequest): RunRequest {
  const { inputs, outputs, correlations, copula, thresholds, paths, seed, sampling, riskLevels, percents } = asked;
  return {
    inputs,
    outputs,
    correlations,
    copula,
    thresholds,
    paths,
    seed,
    sampling,
    riskLevels,
    percents,
    precision,
    now: Date.parse(asOf) / DAY + UNIX_EPOCH,
  };
}

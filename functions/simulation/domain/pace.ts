/** What a model takes to run, as far as it is known before it runs. */
export interface ModelSize {
  operations: number;
  columns: number;
  /** Some of it is recalculated by the formula engine. */
  recalculated: boolean;
}

/** Operations a second of compiled code on one thread, and what a sample costs in operations: seen on the margin model. */
const OPERATIONS_PER_SECOND = 4e8;
const OPERATIONS_PER_SAMPLE = 12;
const RECALCULATED_PATHS_PER_SECOND = 2_000;

/** Paths a second of a worker: an estimate for sizing portions and for telling when runs begin, never for results. */
export function expectedPace({ operations, columns, recalculated }: ModelSize, threads: number): number {
  if (recalculated) return RECALCULATED_PATHS_PER_SECOND * threads;
  return (OPERATIONS_PER_SECOND * threads) / (operations + OPERATIONS_PER_SAMPLE * columns + 1);
}

/** Before a workbook is compiled: as if the outputs needed all of its formulas. */
export function sizeFromFormulas(formulas: number, inputs: number): ModelSize {
  return { operations: 2 * formulas, columns: inputs, recalculated: false };
}

import type { CompiledModule } from '../kernel/host.ts';
import type { Program } from '../kernel/program.ts';
import type { CompiledModel } from '../kernel/webassembly.ts';
import type { Recalculation } from '../recalculation/plan.ts';
import type { SampledColumn, SamplingPlan } from '../sampling/sampler.ts';
import type { SuppliedColumn } from './rearrangement.ts';

/** A model in the form that workers run; `recalculation` is what the formula engine does after the program. */
export type RunnableModel = (
  | { readonly kind: 'webassembly'; readonly compiled: CompiledModel; readonly module: CompiledModule }
  | { readonly kind: 'interpreter'; readonly program: Program }
) & { readonly recalculation: Recalculation | undefined };

/** What a worker is told: plain data and memory shared with the others. */
export type Job = {
  readonly model: RunnableModel;
  readonly columns: readonly SampledColumn[];
  readonly plan: SamplingPlan;
  /** The path that `supplied` and `values` begin at. */
  readonly first: number;
  /** Columns whose samples were settled before. */
  readonly supplied: readonly SuppliedColumn[];
  /** Room for the paths from `first` on, as many as are kept: one array for each output, then one for each input. */
  readonly values: readonly SharedArrayBuffer[];
  /** The sketches' centres, output by output, where values are counted instead of kept. */
  readonly centres: readonly number[] | undefined;
  /** Where to begin and end; both multiples of a chunk but for the end. */
  readonly start: number;
  readonly end: number;
  /** [0]: chunks claimed; [1]: chunks done. */
  readonly progress: SharedArrayBuffer;
};

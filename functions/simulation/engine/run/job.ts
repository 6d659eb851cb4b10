import type { CompiledModule } from '../kernel/host.ts';
import type { Program } from '../kernel/program.ts';
import type { CompiledModel } from '../kernel/webassembly.ts';
import type { SampledColumn, SamplingPlan } from '../sampling/sampler.ts';
import type { SuppliedColumn } from './rearrangement.ts';

/** What a worker is told: plain data and memory shared with the others. */
export type Job = {
  readonly model:
    | { readonly kind: 'webassembly'; readonly compiled: CompiledModel; readonly module: CompiledModule }
    | { readonly kind: 'interpreter'; readonly program: Program };
  readonly columns: readonly SampledColumn[];
  readonly plan: SamplingPlan;
  /** Columns whose samples were settled before. */
  readonly supplied: readonly SuppliedColumn[];
  /** One array of the run's paths for each output; inputs follow, for the first paths only. */
  readonly values: readonly SharedArrayBuffer[];
  /** The sketches' centres, output by output, where values are counted instead of kept. */
  readonly centres: readonly number[] | undefined;
  /** Where to begin and end; both multiples of a chunk but for the end. */
  readonly start: number;
  readonly end: number;
  /** [0]: chunks claimed; [1]: chunks done; [2]: 1 when the run is to stop. */
  readonly progress: SharedArrayBuffer;
};

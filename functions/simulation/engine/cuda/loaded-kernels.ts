import type { SampledColumn } from '../sampling/sampler.ts';
import type { Handle } from './driver.ts';
import type { CudaSource } from './source.ts';

/** A model's code on a device. */
export type LoadedKernels = {
  readonly source: CudaSource;
  readonly columns: readonly SampledColumn[];
  readonly simulate: Handle;
  readonly collect: Handle;
  readonly tables: Handle;
  /** Blocks that the device works on at once. */
  readonly blocks: number;
};

import type { Gpu, LoadedModel, Mode } from '../engine/cuda/gpu.ts';
import { loadOnGpu, runPortionOnGpu } from '../engine/cuda/run-on-gpu.ts';
import type { PortionRunner } from '../working/run-worker.ts';

/** Runs portions on a GPU that is open; the run's model is loaded with its first portion. */
export function gpuRunner(gpu: Gpu, mode: Mode): PortionRunner {
  let loading: Promise<LoadedModel> | undefined;
  return {
    machine: 'gpu',
    async run({ settings }, stretch, _, onProgress, signal) {
      loading ??= loadOnGpu(gpu, settings, mode);
      return runPortionOnGpu(settings, await loading, stretch, { onProgress, signal });
    },
  };
}

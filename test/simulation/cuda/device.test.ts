import test from 'ava';
import { agreementOf } from '../../../emulators/simulate/gpu-check-agreement.ts';
import { generatedModel } from '../../../emulators/simulate/gpu-check-programs.ts';
import { openGpu } from '../../../functions/simulation/engine/cuda/gpu.ts';
import { samplingMethods } from '../../../functions/simulation/engine/sampling/sampler.ts';

test("where there is a GPU, its samples, outputs and moments are the processor's to the last bit", async (t) => {
  const gpu = await openGpu();
  if (gpu.kind === 'absent') {
    t.log(`not run: ${gpu.reason}`);
    return t.pass();
  }
  const model = generatedModel({ seed: 1, columns: 20, operations: 200, outputs: 20, tame: false });
  for (const method of samplingMethods) {
    const agreement = await agreementOf(gpu, gpu.name, model, 'exact', method);
    t.like(agreement, { samplesDiffering: 0, outputsDiffering: 0, momentsSame: true });
  }
  gpu.close();
});

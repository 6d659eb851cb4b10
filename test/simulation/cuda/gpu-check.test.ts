import { spawnSync } from 'node:child_process';
import process from 'node:process';
import test from 'ava';
import { agreementOf } from '../../../emulators/simulate/gpu-check-agreement.ts';
import { marginModel } from '../../../emulators/simulate/gpu-check-margin.ts';
import { generatedModel } from '../../../emulators/simulate/gpu-check-programs.ts';
import { gpuRate } from '../../../emulators/simulate/gpu-check-rate.ts';
import { pathWork } from '../../../functions/simulation/engine/cuda/path-work.ts';
import { createBuilder } from '../../../functions/simulation/engine/kernel/builder.ts';
import { fusesOperations, isInstalled, openHostGpu } from './support/host-gpu.ts';

/** The script's answer where no GPU is to be seen, on a machine that has one too. */
function checked(...flags: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['emulators/simulate/gpu-check.ts', ...flags], {
    encoding: 'utf8',
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '' },
  });
  return { status, lines: stdout.trim().split('\n'), stderr };
}

test('without a GPU the check says so and is no failure, unless one is required', (t) => {
  const { status, lines } = checked('--json');
  t.is(status, 0);
  t.regex(lines[0] ?? '', /^No GPU was checked: .+\.$/);
  t.like(JSON.parse(lines.at(-1) ?? ''), { gpu: null });
  t.is(checked('--require').status, 1);
  const { status: refused, stderr } = checked('--fast');
  t.is(refused, 2);
  t.regex(stderr, /^Use: npm run gpu:check/);
});

(isInstalled('g++') && fusesOperations() ? test : test.skip)(
  'the check finds agreement, and measures, where the device is this processor',
  async (t) => {
    const { gpu, remove } = await openHostGpu();
    const margin = await marginModel();
    const model = margin
      ? { program: margin.program, columns: margin.columns, counted: margin.outputs.length }
      : generatedModel({ seed: 1, columns: 6, operations: 60, outputs: 2, tame: true });
    t.like(await agreementOf(gpu, 'model', model, 'exact', 'random'), {
      samplesDiffering: 0,
      outputsDiffering: 0,
      momentsSame: true,
      agrees: true,
    });
    const fast = await agreementOf(gpu, 'model', model, 'fast', 'sobol');
    t.true(fast.agrees);
    t.true(fast.outputsDiffering > 0, 'operations were fused');
    const small = generatedModel({ seed: 3, columns: 1, operations: 3, outputs: 1, tame: true });
    const rate = await gpuRate(gpu, small, 'exact', 0, 0.1);
    t.true(rate.pathsPerSecond > 0);
    t.true((rate.shareOfPeak ?? 0) > 0);
    gpu.close();
    remove();
  },
);

test('operations on doubles are counted from the program, and a fused pair is one instruction', (t) => {
  const k = createBuilder();
  const [x, y] = [k.column(0, { low: 1, high: 2 }), k.column(1, { low: 1, high: 2 })];
  const program = k.finish([k.add(k.multiply(x, y), k.divide(x, y)), k.multiply(x, x)]);
  const nothing = pathWork({ ...program, outputs: [] }, [], 0, 'exact');
  t.deepEqual(nothing, { operations: 0, instructions: 0 });
  const [exact, fast] = [pathWork(program, [], 1, 'exact'), pathWork(program, [], 1, 'fast')];
  t.is(exact.operations, fast.operations);
  t.is(exact.instructions - fast.instructions, 1);
  const more = pathWork(program, [], 2, 'exact');
  t.is(more.operations - exact.operations, exact.operations - 3 + 1, 'one more multiplication and one more output');
});

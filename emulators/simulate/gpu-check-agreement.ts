import type { Gpu, Mode } from '../../functions/simulation/engine/cuda/gpu.ts';
import { webAssembly } from '../../functions/simulation/engine/kernel/host.ts';
import { type Machine, startMachine } from '../../functions/simulation/engine/kernel/machine.ts';
import { compileToWebAssembly } from '../../functions/simulation/engine/kernel/webassembly.ts';
import { runPaths } from '../../functions/simulation/engine/run/chunk.ts';
import { createSampler, type SamplingMethod } from '../../functions/simulation/engine/sampling/sampler.ts';
import { momentsOf } from '../../functions/simulation/engine/statistics/moments.ts';
import type { GeneratedModel } from './gpu-check-programs.ts';

/** How far a GPU's run of a model is from the processor's. */
export type Agreement = {
  readonly model: string;
  readonly mode: Mode;
  readonly method: SamplingMethod;
  readonly paths: number;
  /** Samples whose bits differ. In fast mode normals are fused too. */
  readonly samplesDiffering: number;
  /** Outputs whose bits differ, and the greatest relative difference; infinite where one is an error and one is not. */
  readonly outputsDiffering: number;
  readonly greatestDifference: number;
  /** The first chunk's moments are the processor's. */
  readonly momentsSame: boolean;
  readonly agrees: boolean;
};

const allowed: Readonly<Record<Mode, number>> = { exact: 1e-12, fast: 1e-10 };
const paths = 16_384;

/** Runs a chunk of a model on both and compares sample by sample and path by path. */
export async function agreementOf(
  gpu: Gpu,
  name: string,
  { program, columns, counted }: GeneratedModel,
  mode: Mode,
  method: SamplingMethod,
): Promise<Agreement> {
  const plan = { method, seed: 2026, paths };
  const machine = await machineOf(program);
  const expected = program.outputs.map(() => new Float64Array(paths));
  runPaths(machine, createSampler(columns, plan), 0, paths, (output, path, values) =>
    expected[output]?.set(values, path),
  );
  const model = await gpu.load({ program, columns, counted, mode });
  const centres = Array.from({ length: counted }, () => 0);
  const run = await model.run({ plan, start: 0, end: paths, centres, kept: program.outputs.length });
  model.unload();
  const values = run?.values ?? [];
  const outputs = differences(expected.slice(0, counted), values.slice(0, counted));
  const samples = differences(expected.slice(counted), values.slice(counted));
  const own = values.slice(0, counted).map(momentsOf);
  const momentsSame = own.every((moments, output) => same(moments, run?.tallies?.[output]?.moments.get(0)));
  const within = outputs.greatest <= allowed[mode] && (mode === 'fast' || samples.differing === 0);
  return {
    model: name,
    mode,
    method,
    paths,
    samplesDiffering: samples.differing,
    outputsDiffering: outputs.differing,
    greatestDifference: outputs.greatest,
    momentsSame,
    agrees: within && (mode === 'fast' || momentsSame),
  };
}

async function machineOf(program: GeneratedModel['program']): Promise<Machine> {
  const compiled = await compileToWebAssembly(program);
  return startMachine(compiled, await webAssembly.compile(compiled.bytes));
}

function same(one: object, other: object | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function differences(expected: readonly Float64Array[], values: readonly Float64Array[]) {
  let differing = 0;
  let greatest = 0;
  for (const [column, wanted] of expected.entries()) {
    for (const [path, x] of wanted.entries()) {
      const y = values[column]?.[path] ?? Number.NaN;
      if (Object.is(x, y) || (!Number.isFinite(x) && !Number.isFinite(y))) continue;
      differing += 1;
      const broken = !Number.isFinite(x) || !Number.isFinite(y);
      greatest = Math.max(greatest, broken ? Infinity : Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y), 1e-300));
    }
  }
  return { differing, greatest };
}

import process from 'node:process';
import { type Gpu, openGpu } from '../../functions/simulation/engine/cuda/gpu.ts';
import { pathWork } from '../../functions/simulation/engine/cuda/path-work.ts';
import { doubleInstructionsPerSecond, knownChips } from '../../functions/simulation/engine/cuda/peak.ts';
import { samplingMethods } from '../../functions/simulation/engine/sampling/sampler.ts';
import { type Agreement, agreementOf } from './gpu-check-agreement.ts';
import { marginModel } from './gpu-check-margin.ts';
import { type GeneratedModel, generatedModel } from './gpu-check-programs.ts';
import { gpuRate, type Rate, twoCoreRate } from './gpu-check-rate.ts';

const usage = 'Use: npm run gpu:check [-- --require] [--json]';
/** The margin model's median: what its sketch is centred on. */
const marginCentre = 1.09e7;

const margin = await marginModel();
const marginProgram: GeneratedModel | undefined = margin && {
  program: margin.program,
  columns: margin.columns,
  counted: margin.outputs.length,
};
const generated = (seed: number, tame: boolean) =>
  generatedModel({ seed, columns: 6, operations: 60, outputs: 12, tame });
const long = generatedModel({ seed: 1, columns: 40, operations: 400, outputs: 60, tame: false });
const flags = process.argv.slice(2);

if (flags.some((flag) => flag !== '--require' && flag !== '--json')) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  await check();
}

async function check(): Promise<void> {
  const gpu = await openGpu();
  const result = gpu.kind === 'gpu' ? await checked(gpu) : withoutGpu(gpu.reason);
  if (flags.includes('--json')) say(JSON.stringify(result));
}

/** No GPU is no failure, unless one is required. */
function withoutGpu(reason: string) {
  say(`No GPU was checked: ${reason}.`);
  const [l4, h200] = [mostPathsPerSecond('L4'), mostPathsPerSecond('H200')];
  if (l4 !== undefined && h200 !== undefined) {
    say(
      `Estimated from the margin model's operations, not measured: with its units for doubles always busy an L4 would run ${l4.toExponential(1)} paths/s in fast mode, an H200 ${h200.toExponential(1)}.`,
    );
  }
  if (flags.includes('--require')) process.exitCode = 1;
  return { gpu: null, reason };
}

function mostPathsPerSecond(chip: keyof typeof knownChips): number | undefined {
  const perSecond = doubleInstructionsPerSecond(knownChips[chip]);
  if (marginProgram === undefined || perSecond === undefined) return undefined;
  const { program, columns, counted } = marginProgram;
  return perSecond / pathWork(program, columns, counted, 'fast').instructions;
}

async function checked(gpu: Gpu) {
  say(
    `${gpu.name}, compute capability ${gpu.computeCapability}, ${gpu.multiprocessors} multiprocessors at ${(gpu.clockHertz / 1e9).toFixed(2)} GHz, ${Math.round(gpu.memoryBytes / 2 ** 30)} GiB`,
  );
  const agreements = await agreementsOf(gpu);
  for (const agreement of agreements) say(agreementLine(agreement));
  const rates: Rate[] = [];
  for (const mode of ['exact', 'fast'] as const) {
    rates.push(await gpuRate(gpu, marginProgram ?? generated(1, true), mode, marginProgram ? marginCentre : 0));
  }
  const twoCores = margin === undefined ? undefined : await twoCoreRate(margin);
  const perSecond = doubleInstructionsPerSecond(gpu);
  if (perSecond !== undefined) {
    say(
      `its peak: ${(2 * perSecond).toExponential(2)} operations on doubles a second, by its multiprocessors, their clock and NVIDIA's table of units for its compute capability`,
    );
  }
  for (const rate of rates) say(rateLine(rate, twoCores));
  if (twoCores === undefined) say('The margin model is not here: a generated one was run, and no processor beside it.');
  gpu.close();
  const agrees = agreements.every((agreement) => agreement.agrees);
  say(agrees ? 'The GPU agrees with the processor.' : 'The GPU does not agree with the processor.');
  if (!agrees) process.exitCode = 1;
  return {
    gpu: gpu.name,
    computeCapability: gpu.computeCapability,
    agrees,
    agreements,
    rates,
    twoCores: twoCores ?? null,
  };
}

async function agreementsOf(gpu: Gpu): Promise<Agreement[]> {
  const agreements: Agreement[] = [];
  for (const method of samplingMethods) {
    agreements.push(await agreementOf(gpu, 'a long generated model', long, 'exact', method));
    if (marginProgram === undefined) continue;
    agreements.push(await agreementOf(gpu, 'margin model', marginProgram, 'exact', method));
    agreements.push(await agreementOf(gpu, 'margin model', marginProgram, 'fast', method));
  }
  for (let seed = 1; seed <= 4; seed += 1) {
    agreements.push(await agreementOf(gpu, `generated model ${seed}`, generated(seed, false), 'exact', 'random'));
    agreements.push(await agreementOf(gpu, `tame generated model ${seed}`, generated(seed, true), 'fast', 'random'));
  }
  return agreements;
}

function agreementLine({ model, mode, method, paths, samplesDiffering, outputsDiffering, ...rest }: Agreement): string {
  const verdict = rest.agrees ? 'agrees' : 'DIFFERS';
  return `${verdict}: ${model}, ${mode} mode, ${method}, ${paths} paths: ${samplesDiffering} samples and ${outputsDiffering} outputs of other bits, relative difference ${rest.greatestDifference.toExponential(1)} at most, moments ${rest.momentsSame ? 'the same' : 'other'}`;
}

function rateLine({ mode, pathsPerSecond, shareOfPeak, shareOfTime }: Rate, twoCores: number | undefined): string {
  const peak =
    shareOfPeak === undefined || shareOfTime === undefined
      ? 'its peak is not known here'
      : `${percent(shareOfPeak)} of its peak in doubles, whose units were busy ${percent(shareOfTime)} of the time (from counted operations)`;
  const times =
    twoCores === undefined
      ? ''
      : `, ${(pathsPerSecond / twoCores).toFixed(0)} times two cores (${twoCores.toExponential(2)})`;
  return `${mode} mode: ${pathsPerSecond.toExponential(3)} paths/s${times}; ${peak}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import { cellId } from '../../functions/simulation/engine/compiler/cells.ts';
import { compileWorkbook } from '../../functions/simulation/engine/compiler/compile.ts';
import { normal } from '../../functions/simulation/engine/distributions/continuous.ts';
import {
  standardNormalCumulative,
  standardNormalQuantile,
} from '../../functions/simulation/engine/distributions/special-functions.ts';
import { worksheetFunctions } from '../../functions/simulation/engine/functions/registry.ts';
import { defaultKeptBytes } from '../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../functions/simulation/engine/run/simulate.ts';
import { formatCell } from '../../functions/simulation/engine/workbook/address.ts';
import { gridWorkbook } from '../simulation/support/grid-workbook.ts';

type Cells = Record<string, number | string>;
type Known = { readonly name: string; readonly inputs: number; readonly cells: Cells; readonly value: number };

const paths = 10_000_000;

/** A1 to A12 are standard normals; B1 is the result. */
const known: readonly Known[] = [
  {
    name: 'Black-Scholes call (closed form)',
    inputs: 1,
    cells: { B1: '=EXP(-0.05)*MAX(100*EXP(0.03+0.2*A1)-105,0)' },
    value: 8.021352235143176,
  },
  {
    // Geometric mean of twelve monthly prices: lognormal, so that the closed form is Black and Scholes's own.
    name: 'geometric Asian call, twelve months (closed form)',
    inputs: 12,
    cells: { ...monthlyPrices(), B1: '=EXP(-0.05)*MAX(EXP(SUM(C1:C12)/12)-100,0)' },
    value: geometricAsian(),
  },
  {
    name: 'parametric value at risk of ten assets, 99 % (closed form)',
    inputs: 10,
    cells: { B1: '=SUMPRODUCT(A1:A10,D1:D10)', ...Object.fromEntries(weights().map((w, i) => [`D${i + 1}`, w])) },
    value: -standardNormalQuantile(0.01) * Math.sqrt(weights().reduce((sum, w) => sum + w * w, 0)),
  },
];

function weights(): number[] {
  return Array.from({ length: 10 }, (_, index) => 0.5 + index / 4);
}

/** Logarithms of a price of 100 at 5 % and 20 %, month by month. */
function monthlyPrices(): Cells {
  const trend = (0.05 - 0.02) / 12;
  const cells: Cells = {};
  for (let month = 0; month < 12; month += 1) {
    const before = month === 0 ? 'LN(100)' : formatCell(month - 1, 2);
    cells[formatCell(month, 2)] = `=${before}+${trend}+0.2*SQRT(1/12)*${formatCell(month, 0)}`;
  }
  return cells;
}

function geometricAsian(): number {
  const n = 12;
  const mean = Math.log(100) + 0.03 * ((n + 1) / (2 * n));
  const deviation = 0.2 * Math.sqrt(((n + 1) * (2 * n + 1)) / (6 * n * n));
  const d1 = (mean - Math.log(100) + deviation ** 2) / deviation;
  return (
    Math.exp(-0.05) *
    (Math.exp(mean + deviation ** 2 / 2) * standardNormalCumulative(d1) -
      100 * standardNormalCumulative(d1 - deviation))
  );
}

/** Prices against what is known of them, and how Sobol's error falls with the number of paths. */
export async function knownPrices(say: (line: string) => void): Promise<void> {
  for (const one of known) {
    const { outputs } = await run(one, 'random', paths);
    const [output] = outputs;
    if (output === undefined) throw new Error('no output');
    const isRisk = one.name.includes('value at risk');
    const tail = output.percentiles.find(({ percent }) => percent === 1);
    const value = isRisk ? -(tail?.value ?? Number.NaN) : output.mean;
    const error = isRisk ? ((tail?.interval.high ?? 0) - (tail?.interval.low ?? 0)) / 3.92 : output.standardError;
    const away = Math.abs(value - one.value) / error;
    say(`${one.name}: ${value.toFixed(6)}, known ${one.value.toFixed(6)}, ${away.toFixed(2)} standard errors away`);
    if (!(away < 4)) throw new Error(`${one.name} is ${away.toFixed(1)} standard errors from what is known`);
  }
  await sobolConvergence(say);
}

async function sobolConvergence(say: (line: string) => void): Promise<void> {
  const [call] = known;
  if (call === undefined) return;
  const errors: number[] = [];
  const sizes = [2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20];
  for (const size of sizes) errors.push((await run(call, 'sobol', size)).outputs[0]?.standardError ?? Number.NaN);
  const slope = Math.log((errors.at(-1) ?? 1) / (errors[0] ?? 1)) / Math.log((sizes.at(-1) ?? 1) / (sizes[0] ?? 1));
  say(
    `Sobol standard errors at ${sizes.join(', ')} paths: ${errors.map((error) => error.toExponential(1)).join(', ')}; they fall as n^${slope.toFixed(2)} (random: n^-0.50)`,
  );
}

function run(one: Known, sampling: 'random' | 'sobol', count: number) {
  const zeros = Object.fromEntries(Array.from({ length: one.inputs }, (_, index) => [formatCell(index, 0), 0]));
  const workbook = gridWorkbook({ Model: { ...zeros, ...one.cells } });
  const inputs = Array.from({ length: one.inputs }, (_, row) => ({
    cell: cellId(0, row, 0),
    distribution: normal(0, 1),
  }));
  const moment = { now: 46_000, random: () => 0.5 };
  const model = compileWorkbook(workbook, worksheetFunctions, inputs, [cellId(0, 0, 1)], [], moment);
  return simulate(
    {
      model,
      paths: count,
      seed: 2,
      sampling,
      workers: 2,
      backend: 'webassembly',
      precision: undefined,
      keptBytes: defaultKeptBytes,
      rearranged: [],
      thresholds: [],
    },
    () => undefined,
  );
}

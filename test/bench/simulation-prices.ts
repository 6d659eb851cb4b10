import { cellId } from '../../functions/simulation/engine/compiler/cells.ts';
import { compileWorkbook } from '../../functions/simulation/engine/compiler/compile.ts';
import { copulaCouplings } from '../../functions/simulation/engine/correlation/coupling.ts';
import { normal } from '../../functions/simulation/engine/distributions/continuous.ts';
import {
  standardNormalCumulative,
  standardNormalQuantile,
} from '../../functions/simulation/engine/distributions/special-functions.ts';
import { worksheetFunctions } from '../../functions/simulation/engine/functions/registry.ts';
import { plainSettings } from '../../functions/simulation/engine/run/settings.ts';
import { simulate } from '../../functions/simulation/engine/run/simulate.ts';
import { formatCell } from '../../functions/simulation/engine/workbook/address.ts';
import { gridWorkbook } from '../simulation/support/grid-workbook.ts';

type Cells = Record<string, number | string>;
type Known = {
  readonly name: string;
  /** The mean of B1, or how far its first percentile lies below zero. */
  readonly figure: 'mean' | 'valueAtRisk';
  readonly inputs: number;
  /** Rank correlation of every pair of inputs. */
  readonly rank?: number;
  readonly cells: Cells;
  readonly value: number;
};

const paths = 10_000_000;
const barrier = 90;

/** A1 to A12 are standard normals; B1 is the result. */
const known: readonly Known[] = [
  {
    name: 'Black-Scholes call (closed form)',
    figure: 'mean',
    inputs: 1,
    cells: { B1: '=EXP(-0.05)*MAX(100*EXP(0.03+0.2*A1)-105,0)' },
    value: 8.021352235143176,
  },
  {
    // Geometric mean of twelve monthly prices: lognormal, so that the closed form is Black and Scholes's own.
    name: 'geometric Asian call, twelve months (closed form)',
    figure: 'mean',
    inputs: 12,
    cells: { ...monthlyPrices(), B1: '=EXP(-0.05)*MAX(EXP(SUM(C1:C12)/12)-100,0)' },
    value: geometricAsian(),
  },
  {
    // Between two months a path stays above the barrier with the Brownian bridge's probability, so that watching
    // twelve times a year prices a barrier that is watched all the time.
    name: 'down-and-out call, barrier 90 (closed form)',
    figure: 'mean',
    inputs: 12,
    cells: { ...monthlyPrices(), ...survivals(), B1: '=EXP(-0.05)*MAX(EXP(C12)-100,0)*PRODUCT(D1:D12)' },
    value: downAndOut(),
  },
  {
    name: 'value at risk of ten correlated assets, 99 % (closed form)',
    figure: 'valueAtRisk',
    inputs: 10,
    rank: 0.3,
    cells: { B1: '=SUMPRODUCT(A1:A10,D1:D10)', ...Object.fromEntries(weights().map((w, i) => [`D${i + 1}`, w])) },
    value: tenAssets(),
  },
];

/** How probable it is that a path which is at these two prices a month apart was above the barrier between. */
function survivals(): Cells {
  const cells: Cells = {};
  for (let month = 0; month < 12; month += 1) {
    const before = month === 0 ? 'LN(100)' : formatCell(month - 1, 2);
    const now = formatCell(month, 2);
    const above = (price: string) => `MAX(${price}-LN(${barrier}),0)`;
    cells[formatCell(month, 3)] = `=1-EXP(-2*${above(before)}*${above(now)}/(0.2^2/12))`;
  }
  return cells;
}

/** R. C. Merton (1973): a call less the call that begins at the barrier; strike 100, above it. */
function downAndOut(): number {
  const [spot, strike, rate, width] = [100, 100, 0.05, 0.2];
  const power = (rate + width ** 2 / 2) / width ** 2;
  const call = (from: number, to: number) =>
    from * standardNormalCumulative(to) - strike * Math.exp(-rate) * standardNormalCumulative(to - width);
  const d1 = (Math.log(spot / strike) + rate) / width + width / 2;
  const y = Math.log(barrier ** 2 / (spot * strike)) / width + power * width;
  const mirrored =
    spot * (barrier / spot) ** (2 * power) * standardNormalCumulative(y) -
    strike * Math.exp(-rate) * (barrier / spot) ** (2 * power - 2) * standardNormalCumulative(y - width);
  return call(spot, d1) - mirrored;
}

/** Normals of rank correlation 0.3 have the correlation 2 sin(0.05 π). */
function tenAssets(): number {
  const correlation = 2 * Math.sin((Math.PI * 0.3) / 6);
  const all = weights().reduce((sum, w) => sum + w, 0);
  const own = weights().reduce((sum, w) => sum + w * w, 0);
  return -standardNormalQuantile(0.01) * Math.sqrt(own + correlation * (all * all - own));
}

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
    const tail = output.risks.find(({ level }) => level === 0.99)?.valueAtRiskInterval;
    const isRisk = one.figure === 'valueAtRisk';
    const value = isRisk ? (output.risks.find(({ level }) => level === 0.99)?.valueAtRisk ?? Number.NaN) : output.mean;
    const error = isRisk ? ((tail?.high ?? 0) - (tail?.low ?? 0)) / 3.92 : output.standardError;
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
  if (!(slope < -0.6)) throw new Error(`Sobol's error falls as n^${slope.toFixed(2)} only`);
}

function run(one: Known, sampling: 'random' | 'sobol', count: number) {
  const zeros = Object.fromEntries(Array.from({ length: one.inputs }, (_, index) => [formatCell(index, 0), 0]));
  const workbook = gridWorkbook({ Model: { ...zeros, ...one.cells } });
  const inputs = Array.from({ length: one.inputs }, (_, row) => ({
    cell: cellId(0, row, 0),
    distribution: normal(0, 1),
  }));
  const pairs = inputs.flatMap((_, second) =>
    Array.from({ length: second }, (__, first) => ({ first, second, rank: one.rank ?? 0 })),
  );
  const { couplings } = copulaCouplings(one.rank === undefined ? [] : pairs);
  const moment = { now: 46_000, random: () => 0.5 };
  const model = compileWorkbook(workbook, worksheetFunctions, inputs, [cellId(0, 0, 1)], couplings, moment);
  return simulate({ ...plainSettings(model, count, 2), sampling, workers: 2 }, () => undefined);
}

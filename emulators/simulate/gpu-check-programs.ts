import {
  type Builder,
  type Condition,
  createBuilder,
  type Real,
} from '../../functions/simulation/engine/kernel/builder.ts';
import { exponential, logarithm, power, quotient } from '../../functions/simulation/engine/kernel/exponential.ts';
import { normalCumulative, normalQuantile } from '../../functions/simulation/engine/kernel/normal.ts';
import { philox } from '../../functions/simulation/engine/kernel/philox.ts';
import type { Program } from '../../functions/simulation/engine/kernel/program.ts';
import { arcTangent, sine } from '../../functions/simulation/engine/kernel/trigonometry.ts';
import type { SampledColumn } from '../../functions/simulation/engine/sampling/sampler.ts';

/** A model of no workbook's: operations drawn at random over some columns. */
export type GeneratedModel = {
  readonly program: Program;
  readonly columns: readonly SampledColumn[];
  /** How many of its outputs are counted; the others are its columns themselves. */
  readonly counted: number;
};

export type GeneratedShape = {
  readonly seed: number;
  readonly columns: number;
  readonly operations: number;
  readonly outputs: number;
  /** Keep to operations that do not magnify an error, so that 1e-10 can be asked where operations are fused. */
  readonly tame: boolean;
};

/** Draws a model; the same shape gives the same one. */
export function generatedModel({ seed, columns, operations, outputs, tame }: GeneratedShape): GeneratedModel {
  const draw = drawing(seed);
  const k = createBuilder();
  const sampled = Array.from({ length: columns }, (_, column): SampledColumn => {
    return { identity: `Generated!A${column + 1}`, from: draw(3) === 0 ? 'uniform' : 'normal' };
  });
  const inputs = sampled.map(({ from }, column) =>
    k.column(column, from === 'uniform' ? { low: 2 ** -53, high: 1 - 2 ** -53 } : { low: -8.3, high: 8.3 }),
  );
  const steps = tame ? tameSteps : wildSteps;
  const pool: Real[] = [...inputs];
  while (pool.length < operations) {
    const step = steps[draw(steps.length)];
    const [x, y, z] = [0, 1, 2].map(() => pool[draw(pool.length)]);
    if (step === undefined || x === undefined || y === undefined || z === undefined) continue;
    pool.push(step(k, x, y, z));
  }
  const wanted = pool.slice(-outputs);
  return { program: k.finish([...wanted, ...inputs]), columns: sampled, counted: wanted.length };
}

type Step = (k: Builder, x: Real, y: Real, z: Real) => Real;

const table = Float64Array.from({ length: 40 }, (_, index) => Math.sin(index) * 10);

/** A whole number within the table, on paths where x is a number. */
function place(k: Builder, x: Real): Real {
  const within = k.combine('least', k.apply('absolute', x), k.constant(table.length - 1));
  return k.apply('floor', within);
}

function either(k: Builder, x: Real, y: Real, z: Real): Condition {
  return k.connect(
    'or',
    k.compare('lessOrEqual', x, y),
    k.connect('and', k.compare('less', y, z), k.not(k.compare('equal', x, z))),
  );
}

const wildSteps: readonly Step[] = [
  (k, x, y) => k.add(x, y),
  (k, x, y) => k.subtract(x, y),
  (k, x, y) => k.multiply(x, y),
  (k, x, y) => quotient(k, x, y),
  (k, x, y) => k.combine('least', x, y),
  (k, x, y) => k.combine('greatest', x, y),
  (k, x) => k.apply('negate', x),
  (k, x) => k.apply('root', x),
  (k, x) => k.apply('ceiling', x),
  (k, x) => k.apply('truncate', x),
  (k, x, y, z) => k.select(either(k, x, y, z), x, z),
  (k, x) => k.lookup(k.table(table), place(k, x)),
  (k, x) => exponential(k, x),
  (k, x) => logarithm(k, x),
  (k, x, y) => power(k, x, y),
  (k, x) => power(k, x, k.constant(3)),
  (k, x) => sine(k, x),
  (k, x) => arcTangent(k, x),
  (k, x) => normalCumulative(k, x),
  (k, x) => normalQuantile(k, k.combine('least', k.apply('absolute', x), k.constant(0.999))),
  (k, x) => k.multiply(x, k.constant(1e-3)),
  (k, x) => k.add(x, k.constant(-2.75)),
];

const one = 1;
const tameSteps: readonly Step[] = [
  (k, x, y) => k.add(k.apply('absolute', x), k.apply('absolute', y)),
  (k, x, y) => k.divide(x, k.add(k.apply('absolute', y), k.constant(one))),
  (k, x) => k.apply('root', k.apply('absolute', x)),
  (k, x) => arcTangent(k, x),
  (k, x) => exponential(k, k.divide(x, k.add(k.apply('absolute', x), k.constant(one)))),
  (k, x) => logarithm(k, k.add(k.multiply(x, x), k.constant(2))),
  (k, x, y) => k.combine('greatest', x, y),
  (k, x, y) => k.multiply(arcTangent(k, x), y),
];

/** Whole numbers below a bound, one after another. */
function drawing(seed: number): (bound: number) => number {
  const words = new Uint32Array(4);
  let counter = 0;
  return (bound) => {
    philox(counter, 0, 0, 0, [seed, 0x6d6f6465], words);
    counter += 1;
    return (words[0] ?? 0) % bound;
  };
}

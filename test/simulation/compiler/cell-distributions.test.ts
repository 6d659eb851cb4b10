import test from 'ava';
import { openCells } from '../../../functions/simulation/engine/compiler/cells.ts';
import type { DistributionArgument } from '../../../functions/simulation/engine/distributions/cell-arguments.ts';
import type { Distribution } from '../../../functions/simulation/engine/distributions/distribution.ts';
import { meanOf } from '../../../functions/simulation/engine/distributions/mean.ts';
import { namedDistribution, randomFunctionNames } from '../../../functions/simulation/engine/distributions/named.ts';
import { evaluateFormula } from '../../../functions/simulation/engine/formula/evaluator.ts';
import { parseFormula } from '../../../functions/simulation/engine/formula/parser.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import type { Workbook } from '../../../functions/simulation/engine/workbook/model.ts';
import { compiled, moment, twoInputs, valuesOf } from '../recalculation/models.ts';
import { type GridCells, gridWorkbook } from '../support/grid-workbook.ts';

/** A call of every function, its mean in closed form (undefined where it has none), from the vendors' formulas. */
const euler = 0.5772156649015329;
const calls: Readonly<Record<string, readonly [string, number | undefined]>> = {
  RISKBERNOULLI: ['0.3', 0.3],
  RISKBETA: ['2,3', 0.4],
  RISKBETAGENERAL: ['2,3,10,20', 14],
  RISKBETASUBJ: ['0,3,4,10', 4],
  RISKBINOMIAL: ['10,0.3', 3],
  RISKCAUCHY: ['1,2', undefined],
  RISKCHISQ: ['5', 5],
  RISKCUMUL: ['0,10,{2,5},{0.5,0.8}', 0.5 * 1 + 0.3 * 3.5 + 0.2 * 7.5],
  RISKCUMULD: ['0,10,{2,5},{0.5,0.2}', 0.5 * 1 + 0.3 * 3.5 + 0.2 * 7.5],
  RISKDISCRETE: ['{1,2,5},{0.2,0.3,0.5}', 3.3],
  RISKDOUBLETRIANG: ['0,3,9,0.4', 0.4 * 2 + 0.6 * 5],
  RISKDUNIFORM: ['{1,4,7}', 4],
  RISKERF: ['0.5', 0],
  RISKERLANG: ['3,2', 6],
  RISKEXPON: ['4', 4],
  RISKEXTVALUE: ['1,2', 1 + 2 * euler],
  RISKEXTVALUEMIN: ['1,2', 1 - 2 * euler],
  RISKF: ['5,8', 8 / 6],
  RISKGAMMA: ['2,3', 6],
  RISKGENERAL: ['0,4,{1,3},{1,1}', 2],
  RISKGEOMET: ['0.25', 3],
  RISKHISTOGRM: ['10,20,{1,2,3,2,1}', 15],
  RISKHYPERGEO: ['10,30,100', 3],
  RISKINTUNIFORM: ['1,6', 3.5],
  RISKINVGAUSS: ['2,3', 2],
  RISKLAPLACE: ['5,2', 5],
  RISKLOGISTIC: ['3,2', 3],
  RISKLOGLOGISTIC: ['1,2,4', 1 + (2 * Math.PI) / 4 / Math.sin(Math.PI / 4)],
  RISKLOGNORM: ['10,3', 10],
  RISKLOGNORM2: ['1,0.5', Math.exp(1.125)],
  RISKNEGBIN: ['3,0.4', 4.5],
  RISKNORMAL: ['10,2', 10],
  RISKPARETO: ['3,2', 3],
  RISKPARETO2: ['3,4', 1],
  RISKPEARSON5: ['4,6', 2],
  RISKPEARSON6: ['3,4,2', 2],
  RISKPERT: ['0,4,10', 26 / 6],
  RISKPOISSON: ['3', 3],
  RISKRAYLEIGH: ['2', 2 * Math.sqrt(Math.PI / 2)],
  RISKSIMTABLE: ['{4,5,6}', 4],
  RISKSTUDENT: ['6', 0],
  RISKTLOGNORM: ['10,3,5,15', undefined],
  RISKTNORMAL: ['10,2,8,12', 10],
  RISKTRIANG: ['1,2,6', 3],
  RISKTRIGEN: ['2,4,8,10,90', undefined],
  RISKUNIFORM: ['2,6', 4],
  RISKWEIBULL: ['2,3', 3 * Math.sqrt(Math.PI) * 0.5],
  'CB.BETA': ['2,3,10', 4],
  'CB.BETA2': ['10,20,2,3', 14],
  'CB.BETAPERT': ['0,4,10', 26 / 6],
  'CB.BINOMIAL': ['0.3,10', 3],
  'CB.CUSTOM': ['C1:D3', 0.2 * 1 + 0.3 * 2 + 0.5 * 5],
  'CB.DISCRETEUNIFORM': ['1,6', 3.5],
  'CB.EXPONENTIAL': ['0.25', 4],
  'CB.GAMMA': ['1,3,2', 7],
  'CB.GEOMETRIC': ['0.25', 4],
  'CB.HYPERGEOMETRIC': ['0.3,10,100', 3],
  'CB.HYPERGEOMETRIC2': ['30,10,100', 3],
  'CB.LOGISTIC': ['3,2', 3],
  'CB.LOGNORMAL': ['10,3', 10],
  'CB.LOGNORMAL2': ['2,10,3', 10],
  'CB.MAXEXTREME': ['1,2', 1 + 2 * euler],
  'CB.MINEXTREME': ['1,2', 1 - 2 * euler],
  'CB.NEGBINOMIAL': ['0.4,3', 7.5],
  'CB.NORMAL': ['10,2', 10],
  'CB.PARETO': ['2,3', 3],
  'CB.POISSON': ['3', 3],
  'CB.STUDENTT': ['5,2,6', 5],
  'CB.TRIANGULAR': ['1,2,6', 3],
  'CB.UNIFORM': ['2,6', 4],
  'CB.WEIBULL': ['1,3,2', 1 + 3 * Math.sqrt(Math.PI) * 0.5],
  'CB.YESNO': ['0.3', 0.3],
};
const lists: GridCells = { C1: 1, D1: 0.2, C2: 2, D2: 0.3, C3: 5, D3: 0.5 };
const discreteOnes = /BERNOULLI|BINOM|DISCRETE|UNIFORM\(|DUNIFORM|GEO|NEGBIN|INTUNIFORM|POISSON|SIMTABLE|CUSTOM|YESNO/;
const paths = 4096;

test('every function of @RISK and Crystal Ball is tried', (t) => {
  t.deepEqual(Object.keys(calls).toSorted(), [...randomFunctionNames].toSorted());
});

for (const [name, [given, mean]] of Object.entries(calls)) {
  test(`${name}(${given}) is drawn in a cell with its quantiles, and shows its mean without a run`, (t) => {
    const formula = `=${name}(${given})`;
    const workbook = gridWorkbook({ Model: { A1: 0, A2: 0.5, ...lists, B1: formula } });
    const distribution = namedDistribution(name, argumentsOf(given));
    const environment = openCells(workbook, worksheetFunctions, new Map(), moment).environment;
    const shown = evaluateFormula(parseFormula(formula.slice(1)), { sheet: 0, row: 0, column: 1 }, false, environment);
    const isDiscrete = discreteOnes.test(name);
    if (mean !== undefined)
      t.true(Math.abs(Number(shown) - mean) < 1e-9 + 1e-6 * Math.abs(mean), `${JSON.stringify(shown)} for ${mean}`);
    // A table takes its time to be made, and tables are tried elsewhere.
    if (!tabled.test(distribution.name))
      t.true(distanceOf(workbook, distribution, isDiscrete) < 2.7 / Math.sqrt(paths));
    for (const p of [0.01, 0.3, 0.5, 0.77, 0.999]) {
      const x = distribution.quantile(p);
      if (isDiscrete) t.true(distribution.cumulative(x) >= p - 1e-12);
      else t.true(Math.abs(distribution.cumulative(x) - p) < 1e-9, `${p}: ${x}, ${distribution.cumulative(x)}`);
    }
  });
}

const tabled = /beta|gamma|pert|studentT|pearson6|^f$|inverseGaussian/;

/** Kolmogorov and Smirnov's distance of what is drawn; 2.7 over the root of the paths is a level of 1e-6. */
function distanceOf(workbook: Workbook, distribution: Distribution, isDiscrete: boolean): number {
  const model = compiled(workbook, ['B1'], []);
  const [values = new Float64Array()] = valuesOf(model, paths);
  const sorted = values.toSorted();
  return sorted.reduce((worst, x, index) => {
    const reached = isDiscrete ? sorted.lastIndexOf(x) + 1 : index + 0.5;
    return Math.max(worst, Math.abs(distribution.cumulative(x) - reached / paths));
  }, 0);
}

function argumentsOf(given: string): DistributionArgument[] {
  if (given === 'C1:D3') return [Object.assign([1, 0.2, 2, 0.3, 5, 0.5], { columns: 2 })];
  return [...given.matchAll(/\{([^}]*)\}|[^,{}]+/g)].map(([whole, inner]) =>
    inner === undefined ? Number(whole) : inner.split(',').map(Number),
  );
}

test('@RISK truncates first and shifts afterwards, but for RiskTruncate2, and takes percentiles', (t) => {
  const property = (name: string, ...values: (number | undefined)[]) => ({ property: `RISK${name}`, values });
  const range = (...given: DistributionArgument[]) => namedDistribution('RiskNormal', [0, 1, ...given]).range;
  t.deepEqual(range(property('TRUNCATE', -1, 2), property('SHIFT', 10)), { low: 9, high: 12 });
  t.deepEqual(range(property('SHIFT', 10), property('TRUNCATE2', 9, 12)), { low: 9, high: 12 });
  t.true(Math.abs(range(property('TRUNCATEP', 0.5, undefined)).low) < 1e-12);
  t.is(range(property('TRUNCATE', undefined, 2)).high, 2);
  t.is(meanOf(namedDistribution('RiskNormal', [0, 1, property('STATIC', 7), property('LOCK')])), 7);
});

test('bounds that are left out, names and units change nothing else', (t) => {
  const cells = {
    A1: 0,
    A2: 0.5,
    B1: '=CB.Normal(0,1,,0.5,"price")',
    B2: '=RiskNormal(0,1,RiskTruncate(,0.5),RiskName("price"),RiskUnits("USD"))+RiskOutput("sum")',
  };
  const [first = new Float64Array(), second = new Float64Array()] = valuesOf(
    compiled(gridWorkbook({ Model: cells }), ['B1', 'B2'], []),
    512,
  );
  t.true(first.every((value) => value <= 0.5));
  t.true(second.every((value) => value <= 0.5));
  t.true(Math.min(...first) < -1.5);
});

const parametric: Readonly<Record<string, string>> = {
  RISKNORMAL: 'A1,A2+1',
  RISKUNIFORM: 'A1,A1+1+A2',
  RISKTRIANG: 'A2,A2+1,A2+5',
  RISKLOGNORM: 'A2+5,A2+1',
  RISKLOGNORM2: 'A2,A2+0.1',
  RISKEXPON: 'A2+1',
  RISKWEIBULL: 'A2+1,2',
  RISKBERNOULLI: 'A2',
  'CB.NORMAL': 'A1,A2+1',
  'CB.EXPONENTIAL': 'A2+1',
  RISKGAMMA: 'A2+1,2',
  RISKBINOMIAL: '10,A2',
  RISKDISCRETE: '{1,2,3},A1:A3',
};

for (const [name, given] of Object.entries(parametric)) {
  test(`${name}(${given}): parameters that chance moves are those of the path, and impossible ones an error`, (t) => {
    const cells = {
      A1: 0,
      A2: 0.5,
      A3: 1,
      B1: `=${name}(${given})`,
      B2: `=${name}(${given.replaceAll('A2', '(A2-0.5)')})`,
    };
    const workbook = gridWorkbook({ Model: cells });
    const model = compiled(workbook, ['B1', 'B2']);
    const options = { recalculate: 'everything', columns: model.columns } as const;
    const [values, others, normals, uniforms] = valuesOf(model, 128);
    const [again, othersAgain] = valuesOf(compiled(workbook, ['B1', 'B2'], twoInputs, options), 128);
    for (let path = 0; path < 128; path += 1) {
      const [value = 0, wanted = 0] = [values?.[path], again?.[path]];
      const isSame = Number.isNaN(wanted)
        ? Number.isNaN(value)
        : Math.abs(value - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted));
      t.true(isSame, `${value} and ${wanted} with ${normals?.[path]}, ${uniforms?.[path]}`);
      t.is(Number.isFinite(others?.[path]), Number.isFinite(othersAgain?.[path]));
    }
  });
}

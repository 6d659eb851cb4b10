import { type DistributionArgument, isProperty, listOf } from './cell-arguments.ts';
import { exp, logGamma } from './special-functions.ts';

type Mean = (a: number, b: number, c: number, d: number) => number;

/** The Euler-Mascheroni constant. */
const euler = 0.577_215_664_901_532_9;
const ofGamma = (x: number) => exp(logGamma(x));
const weibull = (shape: number, scale: number) => scale * ofGamma(1 + 1 / shape);
const third: Mean = (a, b, c) => (a + b + c) / 3;
const sixth: Mean = (a, b, c) => (a + 4 * b + c) / 6;
const middle: Mean = (a, b) => (a + b) / 2;
const itself: Mean = (a) => a;
const product: Mean = (a, b) => a * b;

/** Means in closed form of @RISK's and Crystal Ball's distributions, by the numbers that their functions take. */
const means: Readonly<Record<string, Mean>> = {
  RISKBERNOULLI: itself,
  RISKBETA: (a, b) => a / (a + b),
  RISKBETAGENERAL: (a, b, low, high) => low + ((high - low) * a) / (a + b),
  RISKBETASUBJ: (_, __, mean) => mean,
  RISKBINOMIAL: product,
  RISKCHISQ: itself,
  RISKERF: () => 0,
  RISKERLANG: product,
  RISKEXPON: itself,
  RISKEXTVALUE: (location, scale) => location + scale * euler,
  RISKEXTVALUEMIN: (location, scale) => location - scale * euler,
  RISKGAMMA: product,
  RISKGEOMET: (p) => (1 - p) / p,
  RISKHYPERGEO: (drawn, marked, population) => (drawn * marked) / population,
  RISKINTUNIFORM: middle,
  RISKINVGAUSS: itself,
  RISKLAPLACE: itself,
  RISKLOGISTIC: itself,
  RISKLOGNORM: itself,
  RISKLOGNORM2: (mean, deviation) => exp(mean + deviation ** 2 / 2),
  RISKNEGBIN: (successes, p) => (successes * (1 - p)) / p,
  RISKNORMAL: itself,
  RISKPERT: sixth,
  RISKPOISSON: itself,
  RISKRAYLEIGH: (scale) => scale * Math.sqrt(Math.PI / 2),
  RISKTRIANG: third,
  RISKUNIFORM: middle,
  RISKWEIBULL: weibull,
  'CB.BETA': (a, b, scale) => (scale * a) / (a + b),
  'CB.BETA2': (low, high, a, b) => low + ((high - low) * a) / (a + b),
  'CB.BETAPERT': sixth,
  'CB.BINOMIAL': product,
  'CB.DISCRETEUNIFORM': middle,
  'CB.EXPONENTIAL': (rate) => 1 / rate,
  'CB.GAMMA': (location, scale, shape) => location + scale * shape,
  'CB.GEOMETRIC': (p) => 1 / p,
  'CB.HYPERGEOMETRIC': (share, trials) => share * trials,
  'CB.HYPERGEOMETRIC2': (marked, trials, population) => (marked * trials) / population,
  'CB.LOGISTIC': itself,
  'CB.LOGNORMAL': itself,
  'CB.LOGNORMAL2': (_, mean) => mean,
  'CB.MAXEXTREME': (location, scale) => location + scale * euler,
  'CB.MINEXTREME': (location, scale) => location - scale * euler,
  'CB.NEGBINOMIAL': (p, successes) => successes / p,
  'CB.NORMAL': itself,
  'CB.POISSON': itself,
  'CB.STUDENTT': itself,
  'CB.TRIANGULAR': third,
  'CB.UNIFORM': middle,
  'CB.WEIBULL': (location, scale, shape) => location + weibull(shape, scale),
  'CB.YESNO': itself,
};

/** Means of the functions that take lists. */
const listMeans: Readonly<Record<string, (given: readonly DistributionArgument[]) => number | undefined>> = {
  RISKDISCRETE: ([values, weights]) => weighted(listOf(values) ?? [], listOf(weights) ?? []),
  RISKDUNIFORM: ([values]) => weighted(listOf(values) ?? [], []),
  'CB.CUSTOM': ([range]) => {
    const cells = listOf(range) ?? [];
    if ((cells.columns ?? 1) === 1) return weighted(cells, []);
    const column = (place: number) => cells.filter((_, index) => index % 2 === place);
    return weighted(column(0), column(1));
  },
  RISKCUMUL: ([low, high, xs, shares]) => underCurve(Number(low), Number(high), listOf(xs) ?? [], listOf(shares) ?? []),
  RISKCUMULD: ([low, high, xs, above]) =>
    underCurve(
      Number(low),
      Number(high),
      listOf(xs) ?? [],
      (listOf(above) ?? []).map((share) => 1 - share),
    ),
};

function weighted(values: readonly number[], weights: readonly number[]): number {
  const weightOf = (index: number) => (weights.length === 0 ? 1 : (weights[index] ?? 0));
  const total = values.reduce((sum, _, index) => sum + weightOf(index), 0);
  return values.reduce((sum, value, index) => sum + value * weightOf(index), 0) / total;
}

function underCurve(low: number, high: number, xs: readonly number[], shares: readonly number[]): number {
  const [places, reached] = [
    [low, ...xs, high],
    [0, ...shares, 1],
  ];
  return places.slice(1).reduce((sum, end, index) => {
    const share = (reached[index + 1] ?? 1) - (reached[index] ?? 0);
    return sum + (share * (end + (places[index] ?? low))) / 2;
  }, 0);
}

/**
 * The mean of a function's distribution where it has a closed form; undefined where it has none here, or where there
 * are bounds.
 */
export function closedMean(name: string, given: readonly DistributionArgument[]): number | undefined {
  const plain = given.filter((one) => typeof one === 'number');
  const mean = means[name];
  if (mean === undefined) return given.some(isProperty) ? undefined : listMeans[name]?.(given);
  const [a = 0, b = 0, c = 0, d = 0] = plain;
  return plain.length < given.length || plain.length > parameterCount(name) ? undefined : mean(a, b, c, d);
}

/** Of Crystal Ball's functions those with bounds have two numbers more. */
function parameterCount(name: string): number {
  const one = /^CB\.(EXPONENTIAL|GEOMETRIC|POISSON|YESNO)$/;
  const three = /^CB\.(BETA|BETAPERT|GAMMA|HYPERGEOMETRIC2?|LOGNORMAL2|STUDENTT|TRIANGULAR|WEIBULL)$/;
  if (!name.startsWith('CB.') || name === 'CB.BETA2') return 4;
  if (one.test(name)) return 1;
  return three.test(name) ? 3 : 2;
}

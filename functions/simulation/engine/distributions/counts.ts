import { counted } from './discrete.ts';
import { type Distribution, insist } from './distribution.ts';
import { exp, log, logGamma } from './special-functions.ts';

const logChoose = (n: number, m: number) => logGamma(n + 1) - logGamma(m + 1) - logGamma(n - m + 1);

/** Failures before a wanted number of successes. */
export function negativeBinomial(successes: number, probability: number): Distribution {
  insist(Number.isInteger(successes) && successes >= 1, 'negativeBinomial(successes, p) needs whole successes');
  insist(probability > 0 && probability < 1, 'negativeBinomial(successes, p) needs a probability within 0 and 1');
  const weight = (n: number) =>
    exp(logChoose(n + successes - 1, n) + successes * log(probability) + n * log(1 - probability));
  const mode = Math.max(0, Math.floor(((successes - 1) * (1 - probability)) / probability));
  return counted('negativeBinomial', mode, Infinity, weight);
}

/** Failures before the first success. */
export function geometric(probability: number): Distribution {
  return { ...negativeBinomial(1, probability), name: 'geometric' };
}

/** Marked ones among `drawn` taken without replacement from `population`, `marked` of which are. */
export function hypergeometric(drawn: number, marked: number, population: number): Distribution {
  const isWhole = [drawn, marked, population].every(Number.isInteger);
  insist(
    isWhole && drawn >= 1 && marked >= 0 && drawn <= population && marked <= population,
    'hypergeometric(drawn, marked, population) needs whole numbers within the population',
  );
  const least = Math.max(0, drawn + marked - population);
  const last = Math.min(drawn, marked);
  const weight = (n: number) =>
    n < least
      ? 0
      : exp(logChoose(marked, n) + logChoose(population - marked, drawn - n) - logChoose(population, drawn));
  const mode = Math.floor(((drawn + 1) * (marked + 1)) / (population + 2));
  return counted('hypergeometric', Math.max(least, mode), last, weight);
}

/** Whole numbers from one to another, each as likely. */
export function integerUniform(low: number, high: number): Distribution {
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  insist(first <= last, 'integerUniform(low, high) needs low at most high');
  const count = last - first + 1;
  const at = (p: number) => first + Math.min(count - 1, Math.floor(p * count));
  return {
    name: 'integerUniform',
    range: { low: first, high: last },
    cumulative: (x) => Math.min(1, Math.max(0, (Math.floor(x) - first + 1) / count)),
    quantile: at,
    sample: {
      from: 'uniform',
      build: (k, u) => {
        const place = k.apply('floor', k.multiply(u, k.constant(count)));
        return k.add(k.constant(first), k.combine('least', place, k.constant(count - 1)));
      },
    },
  };
}

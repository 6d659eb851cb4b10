import type { Call } from '../formula/call.ts';
import { aLogical, aNumber, anArray, anInteger, type Family, lifted, optional } from '../formula/definition.ts';
import { type Argument, isError, notAvailable, wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { combinations } from './arithmetic.ts';
import { numberPairs } from './numbers.ts';
import { logGamma, regularBeta, upperGamma } from './special.ts';

/** ln of the number of ways to choose. */
function logCombinations(total: number, chosen: number): number {
  return logGamma(total + 1) - logGamma(chosen + 1) - logGamma(total - chosen + 1);
}

function binomialMass(successes: number, trials: number, p: number): number {
  if (p === 0) return successes === 0 ? 1 : 0;
  if (p === 1) return successes === trials ? 1 : 0;
  const direct = combinations(trials, successes) * p ** successes * (1 - p) ** (trials - successes);
  if (Number.isFinite(direct) && direct > 1e-290) return direct;
  return Math.exp(logCombinations(trials, successes) + successes * Math.log(p) + (trials - successes) * Math.log1p(-p));
}

function binomialCumulative(successes: number, trials: number, p: number): number {
  if (successes >= trials) return 1;
  return regularBeta(1 - p, trials - successes, successes + 1);
}

function binomial(successes: number, trials: number, p: number, cumulative: boolean): CellValue {
  if (successes < 0 || trials < 0 || successes > trials || p < 0 || p > 1) return wrongNumber;
  return cumulative ? binomialCumulative(successes, trials, p) : binomialMass(successes, trials, p);
}

function binomialRange(trials: number, p: number, from: number, to: number | undefined): CellValue {
  const last = to ?? from;
  if (trials < 0 || p < 0 || p > 1 || from < 0 || from > trials || last < from || last > trials) return wrongNumber;
  let total = 0;
  for (let successes = from; successes <= last; successes += 1) total += binomialMass(successes, trials, p);
  return total;
}

/** The smallest count whose cumulative probability reaches alpha. */
function binomialInverse(trials: number, p: number, alpha: number): CellValue {
  if (trials < 0 || p <= 0 || p >= 1 || alpha <= 0 || alpha >= 1) return wrongNumber;
  let low = 0;
  let high = trials;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (binomialCumulative(middle, trials, p) >= alpha * (1 - 1e-14)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function negativeBinomial(failures: number, successes: number, p: number, cumulative: boolean): CellValue {
  if (failures < 0 || successes < 1 || p < 0 || p > 1) return wrongNumber;
  if (cumulative) return regularBeta(p, successes, failures + 1);
  return combinations(failures + successes - 1, failures) * p ** successes * (1 - p) ** failures;
}

function poisson(given: number, mean: number, cumulative: boolean): CellValue {
  if (given < 0 || mean < 0) return wrongNumber;
  const count = Math.trunc(given);
  if (cumulative) return mean === 0 ? 1 : upperGamma(count + 1, mean);
  if (mean === 0) return count === 0 ? 1 : 0;
  return Math.exp(count * Math.log(mean) - mean - logGamma(count + 1));
}

function hypergeometricMass(found: number, drawn: number, good: number, total: number): number {
  const direct = (combinations(good, found) * combinations(total - good, drawn - found)) / combinations(total, drawn);
  if (Number.isFinite(direct)) return direct;
  return Math.exp(
    logCombinations(good, found) + logCombinations(total - good, drawn - found) - logCombinations(total, drawn),
  );
}

function hypergeometric(found: number, drawn: number, good: number, total: number, cumulative: boolean): CellValue {
  if (found < 0 || drawn < 0 || drawn > total || good < 0 || good > total || total <= 0) return wrongNumber;
  const least = Math.max(0, drawn - total + good);
  if (found > Math.min(drawn, good)) return wrongNumber;
  if (!cumulative) return found < least ? 0 : hypergeometricMass(found, drawn, good, total);
  let sum = 0;
  for (let count = least; count <= found; count += 1) sum += hypergeometricMass(count, drawn, good, total);
  return sum;
}

/** The probability that a value lies between limits, given values and their probabilities. */
function probabilityBetween(
  values: Argument,
  chances: Argument,
  low: number,
  high: number | undefined,
  call: Call,
): CellValue {
  const pairs = numberPairs(values, chances, call);
  if (isError(pairs)) return pairs;
  if (pairs.x.length === 0) return notAvailable;
  const whole = pairs.y.reduce((total, chance) => total + chance, 0);
  if (pairs.y.some((chance) => chance <= 0 || chance > 1) || Math.abs(whole - 1) > 1e-7) return wrongNumber;
  const top = high ?? low;
  return pairs.x.reduce((total, value, index) => total + (value >= low && value <= top ? (pairs.y[index] ?? 0) : 0), 0);
}

function permutations(total: number, chosen: number): CellValue {
  if (total <= 0 || chosen < 0 || chosen > total) return wrongNumber;
  let ways = 1;
  for (let step = 0; step < chosen; step += 1) ways *= total - step;
  return ways;
}

const critical = lifted([anInteger, aNumber, aNumber], binomialInverse);

export const discrete: Family = {
  'BINOM.DIST': lifted([anInteger, anInteger, aNumber, aLogical], binomial),
  BINOMDIST: lifted([anInteger, anInteger, aNumber, aLogical], binomial),
  'BINOM.DIST.RANGE': lifted(
    [anInteger, aNumber, anInteger, optional<number | undefined>(anInteger, undefined)],
    binomialRange,
  ),
  'BINOM.INV': critical,
  CRITBINOM: critical,
  'NEGBINOM.DIST': lifted([anInteger, anInteger, aNumber, aLogical], negativeBinomial),
  NEGBINOMDIST: lifted([anInteger, anInteger, aNumber], (failures, successes, p) =>
    negativeBinomial(failures, successes, p, false),
  ),
  'POISSON.DIST': lifted([aNumber, aNumber, aLogical], poisson),
  POISSON: lifted([aNumber, aNumber, aLogical], poisson),
  'HYPGEOM.DIST': lifted([anInteger, anInteger, anInteger, anInteger, aLogical], hypergeometric),
  HYPGEOMDIST: lifted([anInteger, anInteger, anInteger, anInteger], (found, drawn, good, total) =>
    hypergeometric(found, drawn, good, total, false),
  ),
  PROB: lifted([anArray, anArray, aNumber, optional<number | undefined>(aNumber, undefined)], probabilityBetween),
  PERMUT: lifted([anInteger, anInteger], permutations),
  PERMUTATIONA: lifted([anInteger, anInteger], (total, chosen) =>
    total < 0 || chosen < 0 ? wrongNumber : total ** chosen,
  ),
};

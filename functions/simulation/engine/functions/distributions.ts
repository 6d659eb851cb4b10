import {
  aLogical,
  aNumber,
  anInteger,
  type Definition,
  type Family,
  lifted,
  optional,
  strictNumber,
} from '../formula/definition.ts';
import { wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { quantileAbove } from './quantile.ts';
import {
  erf,
  erfc,
  gamma,
  logBeta,
  logGamma,
  lowerGamma,
  normalCumulative,
  normalDensity,
  normalQuantile,
  regularBeta,
  upperGamma,
} from './special.ts';

const isProbability = (p: number) => p > 0 && p < 1;

function normal(x: number, mean: number, deviation: number, cumulative: boolean): CellValue {
  if (deviation <= 0) return wrongNumber;
  const z = (x - mean) / deviation;
  return cumulative ? normalCumulative(z) : normalDensity(z) / deviation;
}

function normalInverse(p: number, mean: number, deviation: number): CellValue {
  return isProbability(p) && deviation > 0 ? mean + deviation * normalQuantile(p) : wrongNumber;
}

function logNormal(x: number, mean: number, deviation: number, cumulative: boolean): CellValue {
  if (x <= 0 || deviation <= 0) return wrongNumber;
  const z = (Math.log(x) - mean) / deviation;
  return cumulative ? normalCumulative(z) : normalDensity(z) / (deviation * x);
}

function logNormalInverse(p: number, mean: number, deviation: number): CellValue {
  return isProbability(p) && deviation > 0 ? Math.exp(mean + deviation * normalQuantile(p)) : wrongNumber;
}

function exponential(x: number, rate: number, cumulative: boolean): CellValue {
  if (x < 0 || rate <= 0) return wrongNumber;
  return cumulative ? -Math.expm1(-rate * x) : rate * Math.exp(-rate * x);
}

function weibull(x: number, shape: number, scale: number, cumulative: boolean): CellValue {
  if (x < 0 || shape <= 0 || scale <= 0) return wrongNumber;
  const power = (x / scale) ** shape;
  return cumulative ? -Math.expm1(-power) : (shape / scale) * (x / scale) ** (shape - 1) * Math.exp(-power);
}

function gammaDistribution(x: number, shape: number, scale: number, cumulative: boolean): CellValue {
  if (x < 0 || shape <= 0 || scale <= 0) return wrongNumber;
  if (cumulative) return lowerGamma(shape, x / scale);
  if (x === 0) return shape < 1 ? wrongNumber : shape === 1 ? 1 / scale : 0;
  return Math.exp((shape - 1) * Math.log(x / scale) - x / scale - logGamma(shape)) / scale;
}

function gammaInverse(p: number, shape: number, scale: number): CellValue {
  if (p < 0 || p >= 1 || shape <= 0 || scale <= 0) return wrongNumber;
  if (p === 0) return 0;
  return (
    scale *
    quantileAbove(
      p,
      shape,
      (x) => lowerGamma(shape, x),
      (x) => upperGamma(shape, x),
    )
  );
}

function beta(x: number, a: number, b: number, cumulative: boolean, low: number, high: number): CellValue {
  if (a <= 0 || b <= 0 || x < low || x > high || low === high) return wrongNumber;
  const u = (x - low) / (high - low);
  if (cumulative) return regularBeta(u, a, b);
  if ((u === 0 && a < 1) || (u === 1 && b < 1)) return wrongNumber;
  return Math.exp(xlogy(a - 1, u) + xlogy(b - 1, 1 - u) - logBeta(a, b)) / (high - low);
}

/** a·ln x, which is 0 where a is, even at x = 0. */
function xlogy(a: number, x: number): number {
  return a === 0 ? 0 : a * Math.log(x);
}

function betaInverse(p: number, a: number, b: number, low: number, high: number): CellValue {
  if (a <= 0 || b <= 0 || p <= 0 || p >= 1 || low >= high) return wrongNumber;
  // On the half line u/(1-u) small quantiles keep their digits.
  const odds = quantileAbove(
    p,
    a / b,
    (x) => regularBeta(x / (1 + x), a, b),
    (x) => regularBeta(1 / (1 + x), b, a),
  );
  return low + (high - low) * (odds / (1 + odds));
}

/** The upper tail of Student's t for t of at least 0. */
function studentTail(t: number, freedom: number): number {
  if (t === 0) return 0.5;
  return t * t < freedom
    ? 0.5 - regularBeta((t * t) / (freedom + t * t), 0.5, freedom / 2) / 2
    : regularBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
}

function studentCumulative(t: number, freedom: number): number {
  return t < 0 ? studentTail(-t, freedom) : 1 - studentTail(t, freedom);
}

function student(t: number, freedom: number, cumulative: boolean): CellValue {
  if (freedom < 1) return wrongNumber;
  if (cumulative) return studentCumulative(t, freedom);
  const factor = Math.exp(logGamma((freedom + 1) / 2) - logGamma(freedom / 2)) / Math.sqrt(freedom * Math.PI);
  return factor * (1 + (t * t) / freedom) ** (-(freedom + 1) / 2);
}

/** The t that the upper tail leaves with probability q, q at most 1/2. */
export function studentUpper(q: number, freedom: number): number {
  return q === 0.5
    ? 0
    : quantileAbove(
        1 - q,
        1,
        (t) => 1 - studentTail(t, freedom),
        (t) => studentTail(t, freedom),
        q,
      );
}

function studentInverse(p: number, freedom: number): CellValue {
  if (!isProbability(p) || freedom < 1) return wrongNumber;
  return p < 0.5 ? -studentUpper(p, freedom) : studentUpper(1 - p, freedom);
}

function studentInverseTwoTailed(p: number, freedom: number): CellValue {
  return p > 0 && p <= 1 && freedom >= 1 ? studentUpper(p / 2, freedom) : wrongNumber;
}

const isFreedom = (freedom: number) => freedom >= 1 && freedom <= 1e10;

function chiSquare(x: number, freedom: number, cumulative: boolean): CellValue {
  return x < 0 || !isFreedom(freedom) ? wrongNumber : gammaDistribution(x, freedom / 2, 2, cumulative);
}

export function chiSquareTail(x: number, freedom: number): CellValue {
  return x < 0 || !isFreedom(freedom) ? wrongNumber : upperGamma(freedom / 2, x / 2);
}

function chiSquareInverse(p: number, freedom: number): CellValue {
  return p < 0 || p >= 1 || !isFreedom(freedom) ? wrongNumber : gammaInverse(p, freedom / 2, 2);
}

function chiSquareInverseTail(q: number, freedom: number): CellValue {
  if (q <= 0 || q > 1 || !isFreedom(freedom)) return wrongNumber;
  if (q === 1) return 0;
  const half = freedom / 2;
  return (
    2 *
    quantileAbove(
      1 - q,
      half,
      (x) => lowerGamma(half, x),
      (x) => upperGamma(half, x),
      q,
    )
  );
}

function fCumulative(x: number, a: number, b: number): number {
  return regularBeta((a * x) / (a * x + b), a / 2, b / 2);
}

export function fTail(x: number, a: number, b: number): CellValue {
  if (x < 0 || !isFreedom(a) || !isFreedom(b)) return wrongNumber;
  return regularBeta(b / (a * x + b), b / 2, a / 2);
}

function fDistribution(x: number, a: number, b: number, cumulative: boolean): CellValue {
  if (x < 0 || !isFreedom(a) || !isFreedom(b)) return wrongNumber;
  if (cumulative) return fCumulative(x, a, b);
  if (x === 0) return a < 2 ? wrongNumber : a === 2 ? 1 : 0;
  const logDensity = (a / 2) * Math.log(a / b) + (a / 2 - 1) * Math.log(x) - ((a + b) / 2) * Math.log1p((a * x) / b);
  return Math.exp(logDensity - logBeta(a / 2, b / 2));
}

function fInverse(p: number, a: number, b: number, q = 1 - p): CellValue {
  if (p < 0 || q <= 0 || p > 1 || q > 1 || !isFreedom(a) || !isFreedom(b)) return wrongNumber;
  if (p === 0) return 0;
  return quantileAbove(
    p,
    1,
    (x) => fCumulative(x, a, b),
    (x) => regularBeta(b / (a * x + b), b / 2, a / 2),
    q,
  );
}

function logGammaOf(x: number): CellValue {
  return x <= 0 ? wrongNumber : logGamma(x);
}

const withFlag = (compute: (x: number, a: number, b: number, cumulative: boolean) => CellValue): Definition =>
  lifted([aNumber, aNumber, aNumber, aLogical], compute);
const withFreedoms = (compute: (x: number, a: number, b: number) => CellValue) =>
  lifted([aNumber, anInteger, anInteger], compute);
const withFreedom = (compute: (x: number, freedom: number) => CellValue) => lifted([aNumber, anInteger], compute);
const ofThree = (compute: (p: number, a: number, b: number) => CellValue) =>
  lifted([aNumber, aNumber, aNumber], compute);
const low = optional(aNumber, 0);
const high = optional(aNumber, 1);
const betaInverted = lifted([aNumber, aNumber, aNumber, low, high], betaInverse);
const fTailInverse = withFreedoms((q, a, b) => fInverse(1 - q, a, b, q));

function twoTails(x: number, freedom: number): CellValue {
  return x < 0 || freedom < 1 ? wrongNumber : 2 * studentTail(x, freedom);
}

/** The continuous distributions, under their present and their former names. */
export const distributions: Family = {
  'NORM.DIST': withFlag(normal),
  NORMDIST: withFlag(normal),
  'NORM.INV': ofThree(normalInverse),
  NORMINV: ofThree(normalInverse),
  'NORM.S.DIST': lifted([aNumber, aLogical], (z, cumulative) => (cumulative ? normalCumulative(z) : normalDensity(z))),
  NORMSDIST: lifted([aNumber], normalCumulative),
  'NORM.S.INV': lifted([aNumber], (p) => normalInverse(p, 0, 1)),
  NORMSINV: lifted([aNumber], (p) => normalInverse(p, 0, 1)),
  PHI: lifted([aNumber], normalDensity),
  GAUSS: lifted([aNumber], (z) => erf(z / Math.SQRT2) / 2),
  ERF: lifted([strictNumber, optional<number | undefined>(strictNumber, undefined)], (from, to) =>
    to === undefined ? erf(from) : erf(to) - erf(from),
  ),
  'ERF.PRECISE': lifted([strictNumber], erf),
  ERFC: lifted([strictNumber], erfc),
  'ERFC.PRECISE': lifted([strictNumber], erfc),
  'LOGNORM.DIST': withFlag(logNormal),
  LOGNORMDIST: ofThree((x, mean, deviation) => logNormal(x, mean, deviation, true)),
  'LOGNORM.INV': ofThree(logNormalInverse),
  LOGINV: ofThree(logNormalInverse),
  'EXPON.DIST': lifted([aNumber, aNumber, aLogical], exponential),
  EXPONDIST: lifted([aNumber, aNumber, aLogical], exponential),
  'WEIBULL.DIST': withFlag(weibull),
  WEIBULL: withFlag(weibull),
  'GAMMA.DIST': withFlag(gammaDistribution),
  GAMMADIST: withFlag(gammaDistribution),
  'GAMMA.INV': ofThree(gammaInverse),
  GAMMAINV: ofThree(gammaInverse),
  GAMMA: lifted([aNumber], (x) => (x <= 0 && Number.isInteger(x) ? wrongNumber : gamma(x))),
  GAMMALN: lifted([aNumber], logGammaOf),
  'GAMMALN.PRECISE': lifted([aNumber], logGammaOf),
  'BETA.DIST': lifted([aNumber, aNumber, aNumber, aLogical, low, high], beta),
  BETADIST: lifted([aNumber, aNumber, aNumber, low, high], (x, a, b, from, to) => beta(x, a, b, true, from, to)),
  'BETA.INV': betaInverted,
  BETAINV: betaInverted,
  'T.DIST': lifted([aNumber, anInteger, aLogical], student),
  'T.DIST.RT': withFreedom((t, freedom) => (freedom < 1 ? wrongNumber : studentCumulative(-t, freedom))),
  'T.DIST.2T': withFreedom(twoTails),
  TDIST: lifted([aNumber, anInteger, anInteger], (t, freedom, tails) => {
    if (t < 0 || freedom < 1 || (tails !== 1 && tails !== 2)) return wrongNumber;
    return tails * studentTail(t, freedom);
  }),
  'T.INV': withFreedom(studentInverse),
  'T.INV.2T': withFreedom(studentInverseTwoTailed),
  TINV: withFreedom(studentInverseTwoTailed),
  'CHISQ.DIST': lifted([aNumber, anInteger, aLogical], chiSquare),
  'CHISQ.DIST.RT': withFreedom(chiSquareTail),
  CHIDIST: withFreedom(chiSquareTail),
  'CHISQ.INV': withFreedom(chiSquareInverse),
  'CHISQ.INV.RT': withFreedom(chiSquareInverseTail),
  CHIINV: withFreedom(chiSquareInverseTail),
  'F.DIST': lifted([aNumber, anInteger, anInteger, aLogical], fDistribution),
  'F.DIST.RT': withFreedoms(fTail),
  FDIST: withFreedoms(fTail),
  'F.INV': withFreedoms((p, a, b) => fInverse(p, a, b)),
  'F.INV.RT': fTailInverse,
  FINV: fTailInverse,
  FISHER: lifted([aNumber], (x) => (Math.abs(x) >= 1 ? wrongNumber : Math.log((1 + x) / (1 - x)) / 2)),
  FISHERINV: lifted([aNumber], (y) =>
    Math.abs(y) > 300 ? Math.sign(y) : (Math.exp(2 * y) - 1) / (Math.exp(2 * y) + 1),
  ),
  STANDARDIZE: ofThree((x, mean, deviation) => (deviation <= 0 ? wrongNumber : (x - mean) / deviation)),
};

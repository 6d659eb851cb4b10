import type { Arithmetic, Real } from './builder.ts';
import { exponential, logarithm, poisoned, polynomial } from './exponential.ts';

/** Coefficients of PPND16, as the nearest doubles print: M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988) 477-484. */
const centralTop = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const centralBottom = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852546,
];
const tailTop = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const tailBottom = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const farTop = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const farBottom = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
];

/** |p - 1/2| up to which the central form holds, and the depth in the tail where the far form takes over. */
export const centralHalfWidth = 0.425;
export const farDepth = 5;

/** Standard normal quantile where |p - 1/2| <= centralHalfWidth. */
export function normalQuantileCentral(k: Arithmetic, p: Real): Real {
  const q = k.subtract(p, k.constant(0.5));
  const r = k.subtract(k.constant(0.180625), k.multiply(q, q));
  return k.divide(k.multiply(q, polynomial(k, centralTop, r)), polynomial(k, centralBottom, r));
}

/** sqrt(-ln(min(p, 1 - p))): how far out in the tail p lies. */
export function tailDepth(k: Arithmetic, p: Real): Real {
  const smaller = k.combine('least', p, k.subtract(k.constant(1), p));
  return k.apply('root', k.apply('negate', logarithm(k, smaller)));
}

/** Standard normal quantile outside the centre, down to where the depth passes farDepth. */
export function normalQuantileTail(k: Arithmetic, p: Real, depth: Real): Real {
  return signedTail(k, p, k.subtract(depth, k.constant(1.6)), tailTop, tailBottom);
}

/** Standard normal quantile beyond farDepth. */
export function normalQuantileFar(k: Arithmetic, p: Real, depth: Real): Real {
  return signedTail(k, p, k.subtract(depth, k.constant(5)), farTop, farBottom);
}

function signedTail(k: Arithmetic, p: Real, r: Real, top: readonly number[], bottom: readonly number[]): Real {
  const magnitude = k.divide(polynomial(k, top, r), polynomial(k, bottom, r));
  return k.select(k.compare('less', p, k.constant(0.5)), k.apply('negate', magnitude), magnitude);
}

/** Standard normal quantile; an error at and beyond 0 and 1. */
export function normalQuantile(k: Arithmetic, p: Real): Real {
  const distance = k.apply('absolute', k.subtract(p, k.constant(0.5)));
  const depth = tailDepth(k, p);
  const near = normalQuantileTail(k, p, depth);
  const far = normalQuantileFar(k, p, depth);
  const tail = k.select(k.compare('lessOrEqual', depth, k.constant(farDepth)), near, far);
  const central = k.compare('lessOrEqual', distance, k.constant(centralHalfWidth));
  const result = poisoned(k, k.select(central, normalQuantileCentral(k, p), tail), p);
  const { low, high } = k.rangeOf(p);
  return low > 0 && high < 1 ? k.bounded(result, { low: -38.5, high: 38.5 }) : result;
}

/** W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), as ANORM has them. */
const bodyTop = [18154.98125334356, 1067.6894854603709, 161.02823106855587, 2.2352520354606837, 0.06568233791820745];
const bodyBottom = [45507.78933502673, 10260.932208618979, 976.0985517377767, 47.202581904688245, 1];
const middleTop = [
  9842.714838383978, 11602.65143764735, 6848.190450536283, 2494.5375852903726, 597.2702763948002, 93.50665613217785,
  8.883149794388377, 0.39894151208813466, 1.0765576773720192e-8,
];
const middleBottom = [
  19685.429676859992, 38912.00328609327, 34900.95272114598, 18615.571640885097, 6485.558298266761, 1519.3775994075547,
  235.387901782625, 22.266688044328117, 1,
];
const outerTop = [
  2.9112874951168793e-5, 0.0014216191932278934, 0.022235277870649807, 0.12740116116024736, 0.215898534057957,
  0.023073441764940174,
];
const outerBottom = [
  7.297515550839662e-5, 0.0037823963320275824, 0.06598813786892856, 0.4682382124808651, 1.284260096144911, 1,
];
const bodyEdge = 0.67448975;
const outerEdge = Math.sqrt(32);
const oneOverRootTwoPi = 0.3989422804014327;

/** The standard normal distribution function. */
export function normalCumulative(k: Arithmetic, z: Real): Real {
  const size = k.combine('least', k.apply('absolute', z), k.constant(40));
  const square = k.multiply(size, size);
  const inner = k.divide(k.multiply(z, polynomial(k, bodyTop, square)), polynomial(k, bodyBottom, square));
  const body = k.add(k.constant(0.5), inner);
  const middle = k.divide(polynomial(k, middleTop, size), polynomial(k, middleBottom, size));
  const inverse = k.divide(k.constant(1), k.combine('greatest', square, k.constant(1)));
  const correction = k.multiply(
    inverse,
    k.divide(polynomial(k, outerTop, inverse), polynomial(k, outerBottom, inverse)),
  );
  const outer = k.divide(
    k.subtract(k.constant(oneOverRootTwoPi), correction),
    k.combine('greatest', size, k.constant(1)),
  );
  const shape = k.select(k.compare('lessOrEqual', size, k.constant(outerEdge)), middle, outer);
  const tail = k.multiply(gaussian(k, size), shape);
  const outside = k.select(k.compare('less', k.constant(0), z), k.subtract(k.constant(1), tail), tail);
  const result = k.select(k.compare('lessOrEqual', size, k.constant(bodyEdge)), body, outside);
  return k.mayFail(z) ? poisoned(k, result, z) : k.bounded(result, { low: 0, high: 1 });
}

/** exp(-x^2/2), the square taken in two parts as Cody does, or its rounding would be multiplied by x^2. */
function gaussian(k: Arithmetic, x: Real): Real {
  const coarse = k.divide(k.apply('truncate', k.multiply(x, k.constant(16))), k.constant(16));
  const rest = k.multiply(k.subtract(x, coarse), k.add(x, coarse));
  const half = k.constant(-0.5);
  return k.multiply(
    exponential(k, k.multiply(k.multiply(coarse, coarse), half)),
    exponential(k, k.multiply(rest, half)),
  );
}

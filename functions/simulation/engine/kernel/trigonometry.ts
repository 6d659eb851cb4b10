import type { Arithmetic, Real } from './builder.ts';
import { exponential, poisoned, polynomial, quotient } from './exponential.ts';

const roundingMagic = 1.5 * 2 ** 52;
/** pi/2 in three parts; multiples of the first two up to 2^22 are exact. */
const quarterTurn = [1.5707963267341256, 6.07710050359346e-11, 2.912732056093356e-20] as const;
/** Beyond it an angle has too few digits left to say where on the circle it lies; it is an error here. */
const largestAngle = 2 ** 22;

/** Chebyshev interpolations in x^2: (sin x - x)/x^3 and (cos x - 1 + x^2/2)/x^4 on |x| <= pi/4. */
const sineTail = [
  -0.16666666666666666, 0.008333333333333331, -0.0001984126984126506, 2.7557319219334436e-6, -2.5052106230805403e-8,
  1.6058531358729018e-10, -7.586681777999908e-13,
];
const cosineTail = [
  0.041666666666666664, -0.0013888888888888887, 2.4801587301584642e-5, -2.7557319221400193e-7, 2.0876755790167413e-9,
  -1.1470460742912306e-11, 4.745863373444178e-14,
];
/** (atan x - x)/x^3 in x^2 on |x| <= tan(pi/8), relative error of atan 7.4e-18. */
const arcTangentTail = [
  -0.3333333333333333, 0.19999999999995519, -0.14285714284666126, 0.11111111015222885, -0.09090904576763699,
  0.07692183159227413, -0.06664511002292903, 0.0585814504639448, -0.050854295055557316, 0.039231073804038334,
  -0.019176171324233746,
];
/** (sinh x - x)/x^3 in x^2 by Taylor, for |x| < 1/2. */
const hyperbolicTail = [1 / 6, 1 / 120, 1 / 5040, 1 / 362_880, 1 / 39_916_800, 1 / 6_227_020_800];

/** The sine, `quarters` quarter turns on: 1 makes it the cosine. */
function turned(k: Arithmetic, x: Real, quarters: 0 | 1): Real {
  const shifted = k.add(k.multiply(x, k.constant(2 / Math.PI)), k.constant(roundingMagic));
  const whole = k.subtract(shifted, k.constant(roundingMagic));
  const rest = quarterTurn.reduce<Real>((left, part) => k.subtract(left, k.multiply(whole, k.constant(part))), x);
  const square = k.multiply(rest, rest);
  const sine = k.add(rest, k.multiply(k.multiply(rest, square), polynomial(k, sineTail, square)));
  const cosine = k.add(
    k.subtract(k.constant(1), k.multiply(k.constant(0.5), square)),
    k.multiply(k.multiply(square, square), polynomial(k, cosineTail, square)),
  );
  const turn = k.add(whole, k.constant(quarters));
  const value = k.select(isEven(k, turn), sine, cosine);
  const half = k.apply('floor', k.multiply(turn, k.constant(0.5)));
  const signed = k.select(isEven(k, half), value, k.apply('negate', value));
  const { low, high } = k.rangeOf(x);
  if (low > -largestAngle && high < largestAngle) return k.bounded(signed, { low: -1, high: 1 });
  const near = k.compare('less', k.apply('absolute', x), k.constant(largestAngle));
  return poisoned(k, k.select(near, signed, k.constant(Number.NaN)), x);
}

function isEven(k: Arithmetic, whole: Real) {
  const half = k.multiply(whole, k.constant(0.5));
  return k.compare('equal', k.apply('floor', half), half);
}

export function sine(k: Arithmetic, x: Real): Real {
  return turned(k, x, 0);
}

export function cosine(k: Arithmetic, x: Real): Real {
  return turned(k, x, 1);
}

export function tangent(k: Arithmetic, x: Real): Real {
  return quotient(k, sine(k, x), cosine(k, x));
}

export function arcTangent(k: Arithmetic, x: Real): Real {
  const size = k.apply('absolute', x);
  const steep = k.compare('less', k.constant(Math.SQRT2 + 1), size);
  const middle = k.compare('less', k.constant(Math.SQRT2 - 1), size);
  const one = k.constant(1);
  const turnedBack = k.divide(k.subtract(size, one), k.add(size, one));
  const inverse = k.divide(k.constant(-1), k.combine('greatest', size, one));
  const reduced = k.select(steep, inverse, k.select(middle, turnedBack, size));
  const base = k.select(steep, k.constant(Math.PI / 2), k.select(middle, k.constant(Math.PI / 4), k.constant(0)));
  const square = k.multiply(reduced, reduced);
  const tail = k.multiply(k.multiply(reduced, square), polynomial(k, arcTangentTail, square));
  const value = k.add(base, k.add(reduced, tail));
  const signed = k.select(k.compare('less', x, k.constant(0)), k.apply('negate', value), value);
  return k.mayFail(x) ? poisoned(k, signed, x) : k.bounded(signed, { low: -Math.PI / 2, high: Math.PI / 2 });
}

export function arcSine(k: Arithmetic, x: Real): Real {
  return arcTangentOf(k, x, complement(k, x));
}

/** By the tangent of the angle itself, which keeps its digits near 1. */
export function arcCosine(k: Arithmetic, x: Real): Real {
  const angle = arcTangentOf(k, complement(k, x), k.apply('absolute', x));
  const value = k.select(k.compare('less', x, k.constant(0)), k.subtract(k.constant(Math.PI), angle), angle);
  return k.mayFail(x) ? poisoned(k, value, x) : value;
}

/** sqrt(1 - x^2) without losing the digits near 1; an error beyond 1. */
function complement(k: Arithmetic, x: Real): Real {
  return k.apply('root', k.multiply(k.subtract(k.constant(1), x), k.add(k.constant(1), x)));
}

/** atan(x / y) for y at and above 0, where both may not be 0. */
function arcTangentOf(k: Arithmetic, x: Real, y: Real): Real {
  const flat = k.compare('equal', y, k.constant(0));
  const quarter = k.select(k.compare('less', x, k.constant(0)), k.constant(-Math.PI / 2), k.constant(Math.PI / 2));
  const angle = arcTangent(k, k.divide(x, k.select(flat, k.constant(1), y)));
  return poisoned(k, k.select(flat, quarter, angle), y);
}

export function hyperbolicSine(k: Arithmetic, x: Real): Real {
  const square = k.multiply(x, x);
  const small = k.add(x, k.multiply(k.multiply(x, square), polynomial(k, hyperbolicTail, square)));
  const up = exponential(k, x);
  const down = exponential(k, k.apply('negate', x));
  const large = k.multiply(k.constant(0.5), k.subtract(up, down));
  return k.select(k.compare('less', k.apply('absolute', x), k.constant(0.5)), small, large);
}

export function hyperbolicCosine(k: Arithmetic, x: Real): Real {
  return k.multiply(k.constant(0.5), k.add(exponential(k, x), exponential(k, k.apply('negate', x))));
}

export function hyperbolicTangent(k: Arithmetic, x: Real): Real {
  const clipped = k.combine('greatest', k.constant(-20), k.combine('least', k.constant(20), x));
  return poisoned(k, quotient(k, hyperbolicSine(k, clipped), hyperbolicCosine(k, clipped)), x);
}

import { type Family, lifted, strictInteger, strictNumber } from '../formula/definition.ts';
import { wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';

/** Orders are worked up to one by one; past this J and I are 0 to every digit. */
const largestOrder = 1_000_000;

/**
 * Bessel functions by the polynomials of Abramowitz and Stegun (9.4 and 9.8) and Hart's rational approximations.
 * They hold seven or eight digits only, but they are Excel's: exact values would differ from its in the ninth.
 */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((total, coefficient) => total * x + coefficient, 0);
}

const j0Top = [57568490574, -13362590354, 651619640.7, -11214424.18, 77392.33017, -184.9052456];
const j0Bottom = [57568490411, 1029532985, 9494680.718, 59272.64853, 267.8532712, 1];
const j1Top = [72362614232, -7895059235, 242396853.1, -2972611.439, 15704.4826, -30.16036606];
const j1Bottom = [144725228442, 2300535178, 18583304.74, 99447.43394, 376.9991397, 1];
const y0Top = [-2957821389, 7062834065, -512359803.6, 10879881.29, -86327.92757, 228.4622733];
const y0Bottom = [40076544269, 745249964.8, 7189466.438, 47447.2647, 226.1030244, 1];
const y1Top = [-4900604943000, 1275274390000, -51534381390, 734926455.1, -4237922.726, 8511.937935];
const y1Bottom = [24995805700000, 424441966400, 3733650367, 22459040.02, 102042.605, 354.9632885, 1];
const phase0 = [1, -0.1098628627e-2, 0.2734510407e-4, -0.2073370639e-5, 0.2093887211e-6];
const shift0 = [-0.1562499995e-1, 0.1430488765e-3, -0.6911147651e-5, 0.7621095161e-6, -0.934945152e-7];
const phase1 = [1, 0.183105e-2, -0.3516396496e-4, 0.2457520174e-5, -0.240337019e-6];
const shift1 = [0.04687499995, -0.2002690873e-3, 0.8449199096e-5, -0.88228987e-6, 0.105787412e-6];

/** The two series that J and Y share for arguments of 8 and more. */
function asymptotic(x: number, order: 0 | 1): { angle: number; p: number; q: number; scale: number } {
  const z = 8 / x;
  const square = z * z;
  return {
    angle: x - (order === 0 ? 0.785398164 : 2.356194491),
    p: polynomial(square, order === 0 ? phase0 : phase1),
    q: z * polynomial(square, order === 0 ? shift0 : shift1),
    scale: Math.sqrt(0.636619772 / x),
  };
}

function j0(x: number): number {
  const size = Math.abs(x);
  if (size < 8) return polynomial(x * x, j0Top) / polynomial(x * x, j0Bottom);
  const { angle, p, q, scale } = asymptotic(size, 0);
  return scale * (Math.cos(angle) * p - Math.sin(angle) * q);
}

function j1(x: number): number {
  const size = Math.abs(x);
  if (size < 8) return (x * polynomial(x * x, j1Top)) / polynomial(x * x, j1Bottom);
  const { angle, p, q, scale } = asymptotic(size, 1);
  const value = scale * (Math.cos(angle) * p - Math.sin(angle) * q);
  return x < 0 ? -value : value;
}

function y0(x: number): number {
  if (x < 8) return polynomial(x * x, y0Top) / polynomial(x * x, y0Bottom) + 0.636619772 * j0(x) * Math.log(x);
  const { angle, p, q, scale } = asymptotic(x, 0);
  return scale * (Math.sin(angle) * p + Math.cos(angle) * q);
}

function y1(x: number): number {
  if (x < 8) {
    const ratio = (x * polynomial(x * x, y1Top)) / polynomial(x * x, y1Bottom);
    return ratio + 0.636619772 * (j1(x) * Math.log(x) - 1 / x);
  }
  const { angle, p, q, scale } = asymptotic(x, 1);
  return scale * (Math.sin(angle) * p + Math.cos(angle) * q);
}

function i0(x: number): number {
  const size = Math.abs(x);
  if (size < 3.75) {
    return polynomial((x / 3.75) ** 2, [1, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.360768e-1, 0.45813e-2]);
  }
  const series = [
    0.39894228, 0.1328592e-1, 0.225319e-2, -0.157565e-2, 0.916281e-2, -0.2057706e-1, 0.2635537e-1, -0.1647633e-1,
    0.392377e-2,
  ];
  return (Math.exp(size) / Math.sqrt(size)) * polynomial(3.75 / size, series);
}

function i1(x: number): number {
  const size = Math.abs(x);
  let value: number;
  if (size < 3.75) {
    const series = [0.5, 0.87890594, 0.51498869, 0.15084934, 0.2658733e-1, 0.301532e-2, 0.32411e-3];
    value = size * polynomial((x / 3.75) ** 2, series);
  } else {
    const series = [
      0.39894228, -0.3988024e-1, -0.362018e-2, 0.163801e-2, -0.1031555e-1, 0.2282967e-1, -0.2895312e-1, 0.1787654e-1,
      -0.420059e-2,
    ];
    value = (Math.exp(size) / Math.sqrt(size)) * polynomial(3.75 / size, series);
  }
  return x < 0 ? -value : value;
}

function k0(x: number): number {
  if (x <= 2) {
    const series = [-0.57721566, 0.4227842, 0.23069756, 0.348859e-1, 0.262698e-2, 0.1075e-3, 0.74e-5];
    return -Math.log(x / 2) * i0(x) + polynomial((x * x) / 4, series);
  }
  const series = [1.25331414, -0.7832358e-1, 0.2189568e-1, -0.1062446e-1, 0.587872e-2, -0.25154e-2, 0.53208e-3];
  return (Math.exp(-x) / Math.sqrt(x)) * polynomial(2 / x, series);
}

function k1(x: number): number {
  if (x <= 2) {
    const series = [1, 0.15443144, -0.67278579, -0.18156897, -0.1919402e-1, -0.110404e-2, -0.4686e-4];
    return Math.log(x / 2) * i1(x) + (1 / x) * polynomial((x * x) / 4, series);
  }
  const series = [1.25331414, 0.23498619, -0.365562e-1, 0.1504268e-1, -0.780353e-2, 0.325614e-2, -0.68245e-3];
  return (Math.exp(-x) / Math.sqrt(x)) * polynomial(2 / x, series);
}

/** How far above the order a downward recurrence begins; its square root is what the digits ask for. */
const accuracy = 40;
const large = 1e10;

/** J of higher orders: upward where x is past the order, downward from far above and normed where it is not (Miller). */
function besselJ(x: number, order: number): number {
  if (order === 0) return j0(x);
  if (order === 1) return j1(x);
  const size = Math.abs(x);
  if (size === 0) return 0;
  const value = size > order ? upward(size, order, j0(size), j1(size), 1) : downwardJ(size, order);
  return x < 0 && order % 2 === 1 ? -value : value;
}

function upward(x: number, order: number, zeroth: number, first: number, sign: 1 | -1): number {
  let before = zeroth;
  let current = first;
  for (let step = 1; step < order; step += 1) {
    const next = step * (2 / x) * current - sign * before;
    before = current;
    current = next;
  }
  return current;
}

function downwardJ(x: number, order: number): number {
  const start = 2 * Math.floor((order + Math.floor(Math.sqrt(accuracy * order))) / 2);
  let isEven = false;
  let above = 0;
  let value = 0;
  let total = 0;
  let current = 1;
  for (let step = start; step > 0; step -= 1) {
    const below = step * (2 / x) * current - above;
    above = current;
    current = below;
    if (Math.abs(current) > large) {
      current /= large;
      above /= large;
      value /= large;
      total /= large;
    }
    if (isEven) total += current;
    isEven = !isEven;
    if (step === order) value = above;
  }
  return value / (2 * total - current);
}

function besselI(x: number, order: number): number {
  if (order === 0) return i0(x);
  if (order === 1) return i1(x);
  if (x === 0) return 0;
  const start = 2 * (order + Math.floor(Math.sqrt(accuracy * order)));
  let above = 0;
  let value = 0;
  let current = 1;
  for (let step = start; step > 0; step -= 1) {
    const below = above + step * (2 / Math.abs(x)) * current;
    above = current;
    current = below;
    if (Math.abs(current) > large) {
      value /= large;
      current /= large;
      above /= large;
    }
    if (step === order) value = above;
  }
  const normed = value * (i0(x) / current);
  return x < 0 && order % 2 === 1 ? -normed : normed;
}

function besselY(x: number, order: number): number {
  return order === 0 ? y0(x) : upward(x, order, y0(x), y1(x), 1);
}

function besselK(x: number, order: number): number {
  return order === 0 ? k0(x) : upward(x, order, k0(x), k1(x), -1);
}

function anywhere(compute: (x: number, order: number) => number) {
  return lifted([strictNumber, strictInteger], (x, order): CellValue => {
    if (order < 0) return wrongNumber;
    return order > largestOrder ? 0 : compute(x, order);
  });
}

function above0(compute: (x: number, order: number) => number) {
  return lifted(
    [strictNumber, strictInteger],
    (x, order): CellValue => (order < 0 || order > largestOrder || x <= 0 ? wrongNumber : compute(x, order)),
  );
}

export const bessel: Family = {
  BESSELJ: anywhere(besselJ),
  BESSELI: anywhere(besselI),
  BESSELY: above0(besselY),
  BESSELK: above0(besselK),
};

/**
 * Elementary functions to some 90 digits in whole numbers of 2^-320, by their plain series: slow, and right beyond
 * any doubt that a double could raise.
 */
const bits = 320n;
const one = 1n << bits;

const double = new Float64Array(1);
const pattern = new BigUint64Array(double.buffer);

/** A double as a fixed-point number, exactly (down to 2^-320). */
export function fixed(x: number): bigint {
  double[0] = Math.abs(x);
  const field = (pattern[0] ?? 0n) >> 52n;
  const mantissa = ((pattern[0] ?? 0n) & ((1n << 52n) - 1n)) | (field === 0n ? 0n : 1n << 52n);
  const shift = bits + (field === 0n ? 1n : field) - 1075n;
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return x < 0 ? -size : size;
}

/** The distance of a double from an exact value, in units of the exact value's last place. */
export function ulpsOff(x: number, exact: bigint): number {
  const size = exact < 0n ? -exact : exact;
  const exponent = BigInt(size.toString(2).length) - 53n;
  const difference = fixed(x) - exact;
  const scaled = exponent >= 64n ? difference >> (exponent - 64n) : difference << (64n - exponent);
  return Math.abs(Number(scaled)) / 2 ** 64;
}

function times(a: bigint, b: bigint): bigint {
  return (a * b) >> bits;
}

const ln2 = series((n) => (n === 0 ? 0n : one / (BigInt(n) << BigInt(n))), 330);
const pi = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);

function series(term: (n: number) => bigint, count: number): bigint {
  let sum = 0n;
  for (let n = 0; n < count; n += 1) sum += term(n);
  return sum;
}

function arctanOfInverse(n: bigint): bigint {
  let power = one / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power /= n * n;
  }
  return sum;
}

export function fixedExp(x: bigint): bigint {
  const whole = x / ln2 - (x < 0n ? 1n : 0n);
  const rest = x - whole * ln2;
  let term = one;
  let sum = one;
  for (let n = 1n; term !== 0n; n += 1n) {
    term = times(term, rest) / n;
    sum += term;
  }
  return whole >= 0n ? sum << whole : sum >> -whole;
}

export function fixedLn(x: bigint): bigint {
  const exponent = BigInt(x.toString(2).length) - 1n - bits;
  const mantissa = exponent >= 0n ? x >> exponent : x << -exponent;
  const s = ((mantissa - one) << bits) / (mantissa + one);
  const square = times(s, s);
  let power = s;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = times(power, square);
  }
  return 2n * sum + exponent * ln2;
}

export function fixedSin(x: bigint): bigint {
  return alternating(x, x);
}

export function fixedCos(x: bigint): bigint {
  return alternating(x, one);
}

/** x - x^3/3! + … from x, or 1 - x^2/2! + … from 1. */
function alternating(x: bigint, first: bigint): bigint {
  const square = times(x, x);
  let term = first;
  let sum = first;
  for (let n = first === one ? 1n : 2n; term !== 0n && term !== -1n; n += 2n) {
    term = -times(term, square) / (n * (n + 1n));
    sum += term;
  }
  return sum;
}

export function fixedAtan(x: bigint): bigint {
  if (x > one) return pi / 2n - fixedAtan((one << bits) / x);
  // Halved twice by atan x = 2 atan(x / (1 + sqrt(1 + x²))), then the series is short.
  let y = x;
  for (let turn = 0; turn < 3; turn += 1) y = (y << bits) / (one + root(one + times(y, y)));
  const square = times(y, y);
  let power = y;
  let sum = 0n;
  for (let k = 1n; power > 1n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power = times(power, square);
  }
  return sum << 3n;
}

function root(x: bigint): bigint {
  const wanted = x << bits;
  let guess = 1n << BigInt(Math.ceil(wanted.toString(2).length / 2));
  for (;;) {
    const next = (guess + wanted / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** erfc(t / √2), so that half of it is the normal distribution function at -t. */
export function fixedErfc(t: bigint): bigint {
  // erf(u) = 2/√π Σ (-1)^n u^(2n+1) / (n! (2n+1)), u = t/√2; 2/√(2π) t Σ (-t²/2)^n / (n! (2n+1)).
  const half = times(t, t) / 2n;
  let power = one;
  let sum = 0n;
  for (let n = 0n; power !== 0n && power !== -1n; n += 1n) {
    sum += power / (2n * n + 1n);
    power = -times(power, half) / (n + 1n);
  }
  const scale = (2n * one * one) / root((2n * pi * one) / one);
  return one - times(times(scale, t), sum);
}

/** ln of any double above 0: the mantissa's, and the exponent's share of ln 2. */
export function exactLn(x: number): bigint {
  const exponent = Math.floor(Math.log2(x));
  const mantissa = (x / 2 ** Math.trunc(exponent / 2)) * 2 ** -(exponent - Math.trunc(exponent / 2));
  return fixedLn(fixed(mantissa)) + BigInt(exponent) * ln2;
}

/** e^x as a number between 1 and 2 times a power of two, for results that fixed point is too short for. */
export function scaledExp(x: bigint): { readonly mantissa: bigint; readonly exponent: number } {
  const whole = x / ln2 - (x < 0n ? 1n : 0n);
  return { mantissa: fixedExp(x - whole * ln2), exponent: Number(whole) };
}

/** The distance of a normal double from such a number, in units of its last place. */
export function ulpsOffScaled(x: number, exact: { readonly mantissa: bigint; readonly exponent: number }): number {
  const half = Math.trunc(exact.exponent / 2);
  return ulpsOff(x * 2 ** -half * 2 ** -(exact.exponent - half), exact.mantissa);
}

/** The part of an angle within half a turn of 0. */
export function reducedAngle(x: bigint): bigint {
  const turn = 2n * pi;
  const rest = ((x % turn) + turn) % turn;
  return rest > pi ? rest - turn : rest;
}

export function quotientOf(x: bigint, y: bigint): bigint {
  return (x << bits) / y;
}

/** √(1 - x²). */
export function complementOf(x: bigint): bigint {
  return root(one - times(x, x));
}

export const halfPi = pi / 2n;

/** The normal density at z. */
export function fixedDensity(z: bigint): bigint {
  return quotientOf(fixedExp(-times(z, z) / 2n), root((2n * pi * one) / one));
}

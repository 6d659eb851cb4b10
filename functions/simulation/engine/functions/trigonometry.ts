import { aNumber, type Family, lifted } from '../formula/definition.ts';
import { divisionByZero, wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';

/** Excel gives up on angles of 2^27 and more. */
const largestAngle = 2 ** 27;

/**
 * π as the processor's own trigonometry has it, in 66 bits, less the double nearest to π. Excel computes with that,
 * so that SIN(PI()) is 1.22514845490862E-16 and not 1.22464679914735E-16.
 */
const restOfPi = 1.225_148_454_908_62e-16;

/** An angle less the nearest multiple of π/2, and how many of these were taken off, modulo 4. */
function reduced(angle: number): { rest: number; quadrant: number } {
  if (Math.abs(angle) <= Math.PI / 4) return { rest: angle, quadrant: 0 };
  const turns = Math.round(angle / (Math.PI / 2));
  const { high, low } = exactProduct(turns, Math.PI / 2);
  return { rest: angle - high - low - (turns * restOfPi) / 2, quadrant: ((turns % 4) + 4) % 4 };
}

/** A product with what its rounding left off (Dekker). */
function exactProduct(a: number, b: number): { high: number; low: number } {
  const split = (value: number) => {
    const scaled = value * 134_217_729;
    const top = scaled - (scaled - value);
    return { top, bottom: value - top };
  };
  const high = a * b;
  const x = split(a);
  const y = split(b);
  return { high, low: x.bottom * y.bottom - (high - x.top * y.top - x.bottom * y.top - x.top * y.bottom) };
}

function sine(angle: number): number {
  const { rest, quadrant } = reduced(angle);
  const value = quadrant % 2 === 0 ? Math.sin(rest) : Math.cos(rest);
  return quadrant < 2 ? value : -value;
}

function cosine(angle: number): number {
  const { rest, quadrant } = reduced(angle);
  const value = quadrant % 2 === 0 ? Math.cos(rest) : Math.sin(rest);
  return quadrant === 0 || quadrant === 3 ? value : -value;
}

function tangent(angle: number): number {
  const { rest, quadrant } = reduced(angle);
  return quadrant % 2 === 0 ? Math.tan(rest) : -1 / Math.tan(rest);
}

function ofAngle(compute: (angle: number) => number) {
  return lifted([aNumber], (angle) => (Math.abs(angle) >= largestAngle ? wrongNumber : compute(angle)));
}

/** One over a function; #DIV/0! where that is zero. */
function reciprocal(compute: (value: number) => number) {
  return lifted([aNumber], (value): CellValue => {
    if (Math.abs(value) >= largestAngle) return wrongNumber;
    const divisor = compute(value);
    return divisor === 0 ? divisionByZero : 1 / divisor;
  });
}

/** One over a hyperbolic function, which grows past every number: its reciprocal is 0 there. */
function hyperbolicReciprocal(compute: (value: number) => number) {
  return lifted([aNumber], (value): CellValue => {
    const divisor = compute(value);
    return divisor === 0 ? divisionByZero : 1 / divisor;
  });
}

const plain = (compute: (value: number) => number) => lifted([aNumber], compute);

export const trigonometry: Family = {
  SIN: ofAngle(sine),
  COS: ofAngle(cosine),
  TAN: ofAngle(tangent),
  CSC: reciprocal(sine),
  SEC: reciprocal(cosine),
  COT: reciprocal(tangent),
  ASIN: plain(Math.asin),
  ACOS: plain(Math.acos),
  ATAN: plain(Math.atan),
  ACOT: plain((value) =>
    value === 0 ? Math.PI / 2 : value > 0 ? Math.atan(1 / value) : Math.PI + Math.atan(1 / value),
  ),
  ATAN2: lifted([aNumber, aNumber], (x, y) => (x === 0 && y === 0 ? divisionByZero : Math.atan2(y, x))),
  SINH: plain(Math.sinh),
  COSH: plain(Math.cosh),
  TANH: plain(Math.tanh),
  CSCH: hyperbolicReciprocal(Math.sinh),
  SECH: hyperbolicReciprocal(Math.cosh),
  COTH: hyperbolicReciprocal(Math.tanh),
  ASINH: plain(Math.asinh),
  ACOSH: plain(Math.acosh),
  ATANH: plain(Math.atanh),
  ACOTH: plain((value) => (Math.abs(value) <= 1 ? Number.NaN : Math.log1p(2 / (value - 1)) / 2)),
  DEGREES: plain((angle) => (angle / Math.PI) * 180),
  RADIANS: plain((degrees) => (degrees / 180) * Math.PI),
  PI: lifted([], () => Math.PI),
};

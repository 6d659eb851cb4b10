import type { Call } from '../formula/call.ts';
import { generalText, toText } from '../formula/coerce.ts';
import { type Family, lifted, optional, strictNumber, strictText, variadic } from '../formula/definition.ts';
import { eachValue } from '../formula/ranges.ts';
import { type Argument, divisionByZero, isError, wrongNumber, wrongValue } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';

type Complex = { readonly re: number; readonly im: number; readonly suffix: string };

/** "3+4i", "-j", "2.5", "1e3i". */
function parsed(text: string): Complex | ErrorValue {
  const number = '(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?';
  const match = new RegExp(`^([+-]?${number})?(?:([+-]?(?:${number})?)([ij]))?$`).exec(text.trim());
  if (!match || text.trim() === '') return wrongNumber;
  const [, real, imaginary, suffix] = match;
  if (real !== undefined && imaginary !== undefined && !/^[+-]/.test(imaginary)) {
    return wrongNumber;
  }
  const im = imaginary === undefined ? 0 : Number(/^[+-]?$/.test(imaginary) ? `${imaginary}1` : imaginary);
  return { re: Number(real ?? 0), im, suffix: suffix ?? 'i' };
}

/** A real part alone may be followed by the unit where the first number was the imaginary part. */
function read(text: string): Complex | ErrorValue {
  // A blank cell is zero.
  if (text === '') return { re: 0, im: 0, suffix: 'i' };
  const direct = parsed(text);
  if (!isError(direct)) return direct;
  const only = /^([+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?)([ij])$/.exec(text.trim());
  if (!only) return wrongNumber;
  const size = only[1] ?? '';
  return { re: 0, im: Number(/^[+-]?$/.test(size) ? `${size}1` : size), suffix: only[2] ?? 'i' };
}

function written({ re, im, suffix }: Complex): CellValue {
  if (!Number.isFinite(re) || !Number.isFinite(im)) return wrongNumber;
  if (im === 0) return generalText(re);
  const size = Math.abs(im) === 1 ? '' : generalText(Math.abs(im));
  const imaginary = `${size}${suffix}`;
  if (re === 0) return `${im < 0 ? '-' : ''}${imaginary}`;
  return `${generalText(re)}${im < 0 ? '-' : '+'}${imaginary}`;
}

const product = (a: Complex, b: Complex): Complex => ({
  re: a.re * b.re - a.im * b.im,
  im: a.re * b.im + a.im * b.re,
  suffix: a.suffix,
});

function quotient(a: Complex, b: Complex): Complex {
  const size = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size, suffix: a.suffix };
}

const size = ({ re, im }: Complex) => Math.hypot(re, im);
const angle = ({ re, im }: Complex) => Math.atan2(im, re);
const polar = (radius: number, theta: number, suffix: string): Complex => ({
  re: radius * Math.cos(theta),
  im: radius * Math.sin(theta),
  suffix,
});

const sine = ({ re, im, suffix }: Complex): Complex => ({
  re: Math.sin(re) * Math.cosh(im),
  im: Math.cos(re) * Math.sinh(im),
  suffix,
});
const cosine = ({ re, im, suffix }: Complex): Complex => ({
  re: Math.cos(re) * Math.cosh(im),
  im: -Math.sin(re) * Math.sinh(im),
  suffix,
});
const hyperbolicSine = ({ re, im, suffix }: Complex): Complex => ({
  re: Math.sinh(re) * Math.cos(im),
  im: Math.cosh(re) * Math.sin(im),
  suffix,
});
const hyperbolicCosine = ({ re, im, suffix }: Complex): Complex => ({
  re: Math.cosh(re) * Math.cos(im),
  im: Math.sinh(re) * Math.sin(im),
  suffix,
});
const one = (suffix: string): Complex => ({ re: 1, im: 0, suffix });

/** A function from a complex number to one; dividing by zero gives #NUM!. */
function of(compute: (z: Complex) => Complex) {
  return lifted([strictText], (text) => {
    const z = read(text);
    return isError(z) ? z : written(compute(z));
  });
}

function measure(compute: (z: Complex) => CellValue) {
  return lifted([strictText], (text) => {
    const z = read(text);
    return isError(z) ? z : compute(z);
  });
}

function logarithm(base: number) {
  return measure((z) => {
    if (size(z) === 0) return wrongNumber;
    return written({ re: Math.log(size(z)) / base, im: angle(z) / base, suffix: z.suffix });
  });
}

function power(text: string, exponent: number): CellValue {
  const z = read(text);
  if (isError(z)) return z;
  if (size(z) === 0) return exponent > 0 ? written({ re: 0, im: 0, suffix: z.suffix }) : wrongNumber;
  return written(polar(size(z) ** exponent, angle(z) * exponent, z.suffix));
}

function pair(compute: (a: Complex, b: Complex) => CellValue) {
  return lifted([strictText, strictText], (first, second) => {
    const a = read(first);
    const b = read(second);
    if (isError(a)) return a;
    if (isError(b)) return b;
    return a.im !== 0 && b.im !== 0 && a.suffix !== b.suffix ? wrongNumber : compute(a, b);
  });
}

function folded(combine: (total: Complex, z: Complex) => Complex) {
  return variadic(1, (given: readonly Argument[], call: Call) => {
    let total: Complex | undefined;
    let failed: CellValue = null;
    for (const argument of given) {
      eachValue(argument, call, (value) => {
        if (value === null || failed !== null) return;
        const text = toText(value);
        const z = isError(text) ? text : typeof value === 'boolean' ? wrongValue : read(text);
        if (isError(z)) failed = z;
        else total = total === undefined ? z : combine(total, z);
      });
    }
    return failed ?? written(total ?? { re: 0, im: 0, suffix: 'i' });
  });
}

const reciprocalOf = (compute: (z: Complex) => Complex) => of((z) => quotient(one(z.suffix), compute(z)));

export const complex: Family = {
  COMPLEX: lifted([strictNumber, strictNumber, optional(strictText, 'i')], (re, im, suffix) =>
    ['', 'i', 'j'].includes(suffix) ? written({ re, im, suffix: suffix || 'i' }) : wrongValue,
  ),
  IMREAL: measure((z) => z.re),
  IMAGINARY: measure((z) => z.im),
  IMABS: measure(size),
  IMARGUMENT: measure((z) => (size(z) === 0 ? divisionByZero : angle(z))),
  IMCONJUGATE: of((z) => ({ ...z, im: -z.im })),
  IMSUM: folded((a, b) => ({ re: a.re + b.re, im: a.im + b.im, suffix: a.im === 0 ? b.suffix : a.suffix })),
  IMPRODUCT: folded((a, b) => ({ ...product(a, b), suffix: a.im === 0 ? b.suffix : a.suffix })),
  IMSUB: pair((a, b) => written({ re: a.re - b.re, im: a.im - b.im, suffix: a.im === 0 ? b.suffix : a.suffix })),
  IMDIV: pair((a, b) => (size(b) === 0 ? wrongNumber : written(quotient(a, b)))),
  IMPOWER: lifted([strictText, strictNumber], power),
  IMSQRT: of((z) => polar(Math.sqrt(size(z)), angle(z) / 2, z.suffix)),
  IMEXP: of((z) => polar(Math.exp(z.re), z.im, z.suffix)),
  IMLN: logarithm(1),
  IMLOG10: logarithm(Math.LN10),
  IMLOG2: logarithm(Math.LN2),
  IMSIN: of(sine),
  IMCOS: of(cosine),
  IMTAN: of((z) => quotient(sine(z), cosine(z))),
  IMCOT: of((z) => quotient(cosine(z), sine(z))),
  IMSEC: reciprocalOf(cosine),
  IMCSC: reciprocalOf(sine),
  IMSINH: of(hyperbolicSine),
  IMCOSH: of(hyperbolicCosine),
  IMSECH: reciprocalOf(hyperbolicCosine),
  IMCSCH: reciprocalOf(hyperbolicSine),
};

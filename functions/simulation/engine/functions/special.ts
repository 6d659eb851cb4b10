/** Special functions behind the distributions, to about 14 digits. */

const lanczos = [
  0.9999999999999971, 57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202,
  3.399464998481189e-5, 4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488,
  0.00021743961811521265, -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
] as const;

/** ln Γ(x) for x above 0: Lanczos' series with g = 607/128 (P. Godfrey's coefficients). */
export function logGamma(x: number): number {
  if (x === 1 || x === 2) return 0;
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let series: number = lanczos[0];
  for (let index = 1; index < lanczos.length; index += 1) series += (lanczos[index] ?? 0) / (x - 1 + index);
  const base = x - 1 + 607 / 128 + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(series);
}

/** Γ(x); whole numbers exactly while they fit. */
export function gamma(x: number): number {
  if (Number.isInteger(x) && x > 0 && x < 171) {
    let product = 1;
    for (let factor = 2; factor < x; factor += 1) product *= factor;
    return product;
  }
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  let series: number = lanczos[0];
  for (let index = 1; index < lanczos.length; index += 1) series += (lanczos[index] ?? 0) / (x - 1 + index);
  const base = x - 1 + 607 / 128 + 0.5;
  // In two halves, since the power alone passes the largest number before the product does.
  const half = base ** ((x - 0.5) / 2);
  return Math.sqrt(2 * Math.PI) * half * Math.exp(-base) * half * series;
}

/** The factor x^a·e^-x/Γ(a) that both incomplete gamma functions share. */
function gammaFactor(a: number, x: number): number {
  if (a < 50) return Math.exp(a * Math.log(x) - x) / gamma(a);
  // By the deviation from the peak, where logarithms of large numbers would cancel (Temme).
  const deviation = (x - a) / a;
  const stirling = 1 / (12 * a) - 1 / (360 * a ** 3) + 1 / (1260 * a ** 5) - 1 / (1680 * a ** 7);
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * logOnePlusMinus(deviation) - stirling);
}

/** ln(1+x) − x, without loss near 0. */
function logOnePlusMinus(x: number): number {
  if (Math.abs(x) > 0.1) return Math.log1p(x) - x;
  let term = -x;
  let total = 0;
  for (let index = 2; index < 40; index += 1) {
    term *= -x;
    total -= term / index;
    if (Math.abs(term) < 1e-18 * Math.abs(total)) break;
  }
  return total;
}

/** The regularised lower incomplete gamma function P(a, x). */
export function lowerGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/** The regularised upper incomplete gamma function Q(a, x). */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let total = term;
  for (let step = 1; step < 100_000; step += 1) {
    term *= x / (a + step);
    total += term;
    if (term < total * 1e-17) break;
  }
  return total * gammaFactor(a, x);
}

function gammaFraction(a: number, x: number): number {
  const fraction = lentz(
    x + 1 - a,
    (step) => -step * (step - a),
    (step) => x + 1 - a + 2 * step,
  );
  return gammaFactor(a, x) / fraction;
}

/** A continued fraction b0 + a1/(b1 + a2/(b2 + …)), by Lentz's method. */
function lentz(first: number, numerator: (step: number) => number, denominator: (step: number) => number): number {
  const tiny = 1e-300;
  let value = first === 0 ? tiny : first;
  let c = value;
  let d = 0;
  for (let step = 1; step < 200_000; step += 1) {
    const a = numerator(step);
    const b = denominator(step);
    d = b + a * d || tiny;
    c = b + a / c || tiny;
    d = 1 / d;
    const change = c * d;
    value *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return value;
}

/** The error function and its complement. */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  return x < 1e-8 ? (2 * x) / Math.sqrt(Math.PI) : lowerGamma(0.5, x * x);
}

export function erfc(x: number): number {
  return x < 0 ? 2 - erfc(-x) : upperGamma(0.5, x * x);
}

/** The regularised incomplete beta function I_x(a, b). */
export function regularBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return x < (a + 1) / (a + b + 2) ? betaFraction(x, a, b) : 1 - betaFraction(1 - x, b, a);
}

export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

function betaFactor(x: number, a: number, b: number): number {
  if (a + b < 160) return (x ** a * (1 - x) ** b * gamma(a + b)) / (gamma(a) * gamma(b));
  return Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b));
}

function betaFraction(x: number, a: number, b: number): number {
  const fraction = lentz(
    1,
    (step) => {
      const half = Math.floor(step / 2);
      return step % 2 === 0
        ? (half * (b - half) * x) / ((a + step - 1) * (a + step))
        : (-(a + half) * (a + b + half) * x) / ((a + step - 1) * (a + step));
    },
    () => 1,
  );
  return betaFactor(x, a, b) / (a * fraction);
}

/** The standard normal distribution function. */
export function normalCumulative(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

function ratio(numerator: readonly number[], denominator: readonly number[], x: number): number {
  const horner = (coefficients: readonly number[]) =>
    coefficients.reduceRight((total, coefficient) => total * x + coefficient, 0);
  return horner(numerator) / horner(denominator);
}

/** The standard normal quantile: Wichura, algorithm AS 241 (1988), PPND16, about 16 digits. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(central[0], central[1], 0.180625 - q * q);
  const tail = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const size = tail <= 5 ? ratio(middle[0], middle[1], tail - 1.6) : ratio(far[0], far[1], tail - 5);
  return q < 0 ? -size : size;
}

const central = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
] as const;
const middle = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const;
const far = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
] as const;

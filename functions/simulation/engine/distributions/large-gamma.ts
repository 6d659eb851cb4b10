import { exp, standardNormalCumulative, standardNormalQuantile } from './special-functions.ts';

/** Shapes beyond which the gamma is taken by its asymptotic expansion: what that leaves out is below 1e-12 of a value. */
export const largeShape = 1e5;

/**
 * The gamma quantile of scale 1 for a large shape, given both tails: N. M. Temme, "Asymptotic inversion of incomplete
 * gamma functions", Mathematics of Computation 58 (1992), to the second correction.
 */
export function largeGammaQuantile(shape: number, p: number, complement: number): number {
  const score = p <= complement ? standardNormalQuantile(p) : -standardNormalQuantile(complement);
  const first = score / Math.sqrt(shape);
  const eta = first + (-1 / 3 + first * (1 / 36 + first / 1620) - (7 / 405 + (7 / 2592) * first) / shape) / shape;
  return shape * ratioOf(eta);
}

/** P(X < x) and P(X > x) of the gamma of scale 1 for a large shape, by the expansion that the quantile inverts. */
export function largeGammaTails(shape: number, x: number): readonly [number, number] {
  if (x <= 0) return [0, 1];
  const eta = etaOf(x / shape);
  const score = eta * Math.sqrt(shape);
  const correction = (exp((-score * score) / 2) / Math.sqrt(2 * Math.PI * shape)) * (-1 / 3 + eta / 12);
  const kept = (share: number) => Math.min(1, Math.max(0, share));
  return [kept(standardNormalCumulative(score) - correction), kept(standardNormalCumulative(-score) + correction)];
}

/** λ where η²/2 = λ - 1 - ln λ and η has the sign of λ - 1, as its series about 0: η is below 0.03. */
function ratioOf(eta: number): number {
  return 1 + eta * (1 + eta * (1 / 3 + eta * (1 / 36 + eta * (-1 / 270 + eta * (1 / 4320 + eta / 17_010)))));
}

/** Near 1, where the difference would cancel, as its series. */
function etaOf(ratio: number): number {
  const past = ratio - 1;
  const half =
    Math.abs(past) < 0.01
      ? past * past * (1 / 2 + past * (-1 / 3 + past * (1 / 4 + past * (-1 / 5 + past * (1 / 6 - past / 7)))))
      : past - Math.log1p(past);
  return Math.sign(past) * Math.sqrt(2 * half);
}

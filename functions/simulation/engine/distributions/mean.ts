import { type Distribution, greatestUniform, leastUniform } from './distribution.ts';

const steps = 160;
/** Where the nodes come as near to 0 and 1 as uniforms do. */
const reach = 3.2;

/**
 * A distribution's mean: its quantile integrated from 0 to 1 by the double exponential rule (H. Takahasi and M. Mori,
 * 1974), which bears what happens at both ends. Where there is no mean it is a number without meaning.
 */
export function meanOf({ quantile }: Distribution): number {
  const width = (2 * reach) / steps;
  let sum = 0;
  let weights = 0;
  for (let step = 0; step <= steps; step += 1) {
    const t = -reach + step * width;
    const p = 1 / (1 + Math.exp(-Math.PI * Math.sinh(t)));
    const weight = Math.cosh(t) * p * (1 - p);
    if (p < leastUniform || p > greatestUniform || weight === 0) continue;
    sum += weight * quantile(p);
    weights += weight;
  }
  return sum / weights;
}

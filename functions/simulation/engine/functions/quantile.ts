/**
 * The place on the half line where a distribution function reaches p, by halving in the logarithm, to the last bits.
 * `upper` is the function's complement and `q` 1 − p: for p above 1/2 the tail is compared, which keeps its digits.
 */
export function quantileAbove(
  p: number,
  guess: number,
  cumulative: (x: number) => number,
  upper: (x: number) => number,
  q = 1 - p,
): number {
  const isBelow = p <= 0.5 ? (x: number) => cumulative(x) < p : (x: number) => upper(x) > q;
  let low = guess;
  let high = guess;
  while (isBelow(high) && high < 1e300) high *= 4;
  while (!isBelow(low) && low > 1e-300) low /= 4;
  for (let step = 0; step < 200; step += 1) {
    const middle = high / low > 4 ? Math.sqrt(low) * Math.sqrt(high) : low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return low + (high - low) / 2;
}

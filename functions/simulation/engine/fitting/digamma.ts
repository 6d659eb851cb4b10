/** The derivative of ln Γ for x above 0: recurrence up to 8, then Abramowitz and Stegun 6.3.18. */
export function digamma(x: number): number {
  let below = 0;
  let at = x;
  for (; at < 8; at += 1) below -= 1 / at;
  const inverse = 1 / (at * at);
  const series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse / 132))));
  return below + Math.log(at) - 1 / (2 * at) - series;
}

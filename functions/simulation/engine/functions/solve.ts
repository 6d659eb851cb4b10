/**
 * The place above `lowest` where a function is zero, by Newton's steps from a guess, and where those leave the
 * function's range or do not settle, by bracketing and halving. Undefined where none is found.
 */
export function solve(
  worth: (x: number) => number,
  slope: (x: number) => number,
  guess: number,
  lowest: number,
): number | undefined {
  return newton(worth, slope, guess, lowest) ?? bracketed(worth, guess, lowest);
}

function newton(
  worth: (x: number) => number,
  slope: (x: number) => number,
  guess: number,
  lowest: number,
): number | undefined {
  let x = guess;
  for (let step = 0; step < 100; step += 1) {
    const value = worth(x);
    const rise = slope(x);
    if (!Number.isFinite(value) || !Number.isFinite(rise)) return undefined;
    if (value === 0) return x;
    if (rise === 0) return undefined;
    const next = x - value / rise;
    if (!(next > lowest)) return undefined;
    if (Math.abs(next - x) <= 1e-14 * Math.max(1, Math.abs(next))) return next;
    x = next;
  }
  return undefined;
}

/** Looks outward from the guess for a change of sign, then halves it away. */
export function bracketed(worth: (x: number) => number, guess: number, lowest: number): number | undefined {
  const base = Number.isFinite(lowest) ? guess - lowest : 1;
  let previousLow = guess;
  let previousHigh = guess;
  for (let step = 1; step <= 120; step += 1) {
    const factor = 1.2 ** step;
    const low = Number.isFinite(lowest) ? lowest + base / factor : guess - 0.01 * factor;
    const high = Number.isFinite(lowest) ? lowest + base * factor : guess + 0.01 * factor;
    if (changesSign(worth(previousHigh), worth(high))) return halve(worth, previousHigh, high);
    if (changesSign(worth(low), worth(previousLow))) return halve(worth, low, previousLow);
    previousLow = low;
    previousHigh = high;
  }
  return undefined;
}

function changesSign(a: number, b: number): boolean {
  return Number.isFinite(a) && Number.isFinite(b) && a * b <= 0;
}

/** The zero between two places of opposite sign, to the last bit. */
export function halve(worth: (x: number) => number, from: number, to: number): number {
  let low = from;
  let high = to;
  const rises = worth(low) < worth(high);
  for (let step = 0; step < 2_000; step += 1) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) return middle;
    const value = worth(middle);
    if (value === 0) return middle;
    if (value < 0 === rises) low = middle;
    else high = middle;
  }
  return low;
}

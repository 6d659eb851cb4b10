import { PortfolioRefusal, type PortfolioRefusalCode } from './refusal.ts';

/** A holding: its value is quantity × multiplier × price, and the price may be negative. */
export type Position = {
  readonly name: string;
  /** Contracts or units, below 0 for a short one. */
  readonly quantity: number;
  readonly multiplier: number;
  readonly price: number;
};

/** What is known of the prices' moves over one day, in price units and absolute: no logarithm of a price is taken. */
export type MoveSource =
  | {
      readonly kind: 'deviations';
      /** Standard deviation of one day's move, by position. */
      readonly deviations: readonly number[];
      readonly correlations: readonly (readonly number[])[];
    }
  | {
      readonly kind: 'history';
      /** Day by day, the oldest first: each position's move. */
      readonly days: readonly (readonly number[])[];
    };

/**
 * How moves are distributed.
 *
 * - normal; student: multivariate, by deviations and correlations (a history's own where one is given)
 * - historical: the days of the history as they were
 * - filtered: those days, each move in proportion to today's volatility over that day's
 */
export type RiskMethod =
  | { readonly kind: 'normal' }
  | { readonly kind: 'student'; readonly freedom: number }
  | { readonly kind: 'historical' }
  | { readonly kind: 'filtered'; readonly decay: number };

export type PortfolioRequest = {
  readonly positions: readonly Position[];
  readonly source: MoveSource;
  readonly method: RiskMethod;
  readonly horizonDays: number;
  /** 'root': one day's move times the root of the horizon; 'drawn': the sum of a move for each of its days. */
  readonly scaling: 'root' | 'drawn';
  readonly levels: readonly number[];
  readonly paths: number;
  readonly seed: number;
};

const mostPositions = 200;
const leastDays = 50;

/** Throws PortfolioRefusal where a request cannot be followed. */
export function checkRequest(request: PortfolioRequest): void {
  checkPositions(request);
  checkMoves(request);
  checkSettings(request);
}

function must(condition: boolean, code: PortfolioRefusalCode, sentence: string): void {
  if (!condition) throw new PortfolioRefusal(code, sentence);
}

function checkPositions({ positions }: PortfolioRequest): void {
  const count = positions.length;
  must(count >= 1 && count <= mostPositions, 'bad-position', `A portfolio has 1 to ${mostPositions} positions.`);
  const names = new Set<string>();
  for (const { name, quantity, multiplier, price } of positions) {
    must(!names.has(name), 'bad-position', `The position ${name} is given twice.`);
    names.add(name);
    const finite = [quantity, multiplier, price].every(Number.isFinite);
    must(finite, 'bad-position', `The position ${name} needs a quantity, a multiplier and a price.`);
  }
}

function checkMoves({ positions, source, method }: PortfolioRequest): void {
  const size = positions.length;
  if (source.kind === 'history') {
    const { days } = source;
    must(
      days.length >= leastDays,
      'too-few-days',
      `A history has at least ${leastDays} days, and this has ${days.length}.`,
    );
    const whole = days.every((day) => day.length === size && day.every(Number.isFinite));
    must(whole, 'bad-moves', 'Every day of the history needs a move for each position.');
    return;
  }
  const historical = method.kind === 'historical' || method.kind === 'filtered';
  must(!historical, 'history-needed', `The ${method.kind} method needs a history of moves.`);
  const { deviations, correlations } = source;
  const known = deviations.length === size && deviations.every((deviation) => deviation >= 0 && deviation < Infinity);
  must(known, 'bad-moves', 'Each position needs a deviation of 0 or more.');
  const square = correlations.length === size && correlations.every((row) => row.length === size);
  must(square, 'bad-moves', 'The correlations need a row and a column for each position.');
  const proper = correlations.every((row, i) =>
    row.every((value, j) => (i === j ? value === 1 : Math.abs(value) <= 1 && value === correlations[j]?.[i])),
  );
  must(
    proper,
    'bad-moves',
    'The correlations need 1 on the diagonal, and the same within -1 and 1 on both sides of it.',
  );
}

function checkSettings({ method, horizonDays, levels, paths }: PortfolioRequest): void {
  const whole = Number.isInteger(horizonDays) && horizonDays >= 1 && horizonDays <= 250;
  must(whole, 'bad-setting', 'The horizon is 1 to 250 whole days.');
  const usable = levels.length > 0 && levels.every((level) => level >= 0.5 && level <= 0.999);
  must(usable, 'bad-setting', 'Levels lie between 0.5 and 0.999.');
  must(Number.isInteger(paths) && paths >= 1000 && paths <= 1e6, 'bad-setting', 'Paths are 1,000 to 1,000,000.');
  if (method.kind === 'student')
    must(method.freedom > 2, 'bad-setting', "Student's t needs more than 2 degrees of freedom to have a deviation.");
  if (method.kind === 'filtered')
    must(method.decay > 0 && method.decay < 1, 'bad-setting', 'The decay lies between 0 and 1; 0.94 is customary.');
}

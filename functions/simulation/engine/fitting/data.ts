import { insist } from '../distributions/distribution.ts';

/** Numbers to fit to, and what every family asks of them. */
export type Data = {
  readonly values: Float64Array;
  readonly ascending: Float64Array;
  readonly count: number;
  readonly mean: number;
  /** Over the count, not one less: what the likelihood asks for. */
  readonly variance: number;
  readonly least: number;
  readonly greatest: number;
  readonly whole: boolean;
};

const fewest = 8;
const most = 200_000;

/** Throws ParameterError for what no distribution can be fitted to. */
export function dataOf(numbers: readonly number[]): Data {
  insist(numbers.every(Number.isFinite), 'a fit needs numbers only');
  insist(numbers.length >= fewest, `a fit needs at least ${fewest} numbers, and here are ${numbers.length}`);
  insist(numbers.length <= most, `a fit takes at most ${most} numbers, and here are ${numbers.length}`);
  const values = Float64Array.from(numbers);
  const ascending = Float64Array.from(numbers).sort();
  const [least = 0] = ascending;
  const greatest = ascending.at(-1) ?? 0;
  insist(least < greatest, 'a fit needs numbers that differ');
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  return { values, ascending, count, mean, variance, least, greatest, whole: numbers.every(Number.isInteger) };
}

/** The mean of a function of the values. */
export function meanOf({ values, count }: Data, of: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum / count;
}

import { addMonths, calendarDay, type DateSystem, daysInMonth, serialOf } from '../formula/dates.ts';
import { type Basis, dayCount, daysBetween360 } from './day-count.ts';

/** A bond's coupon dates around its settlement; coupons fall on the maturity's day of the month. */
export type CouponPeriod = {
  readonly previous: number;
  readonly next: number;
  /** Coupons from settlement to maturity. */
  readonly count: number;
  /** Days in the period, from its start to settlement, and from settlement to the next coupon, by the basis. */
  readonly days: number;
  readonly accrued: number;
  readonly remaining: number;
};

export type Frequency = 1 | 2 | 4;

export function isFrequency(value: number): value is Frequency {
  return value === 1 || value === 2 || value === 4;
}

/** The maturity moved back by whole periods; a month's last day stays the last. */
export function couponDate(maturity: number, periodsBack: number, frequency: Frequency, system: DateSystem): number {
  const end = calendarDay(maturity, system);
  const moved = addMonths(maturity, (-12 / frequency) * periodsBack, system);
  if (end.day !== daysInMonth(end.year, end.month)) return moved;
  const { year, month } = calendarDay(moved, system);
  return serialOf(year, month, daysInMonth(year, month), system);
}

export function couponPeriod(
  settlement: number,
  maturity: number,
  frequency: Frequency,
  basis: Basis,
  system: DateSystem,
): CouponPeriod {
  let count = 1;
  while (couponDate(maturity, count, frequency, system) > settlement) count += 1;
  const previous = couponDate(maturity, count, frequency, system);
  const next = couponDate(maturity, count - 1, frequency, system);
  const days = basis === 1 ? next - previous : (basis === 3 ? 365 : 360) / frequency;
  const accrued =
    basis === 0 ? daysBetween360(previous, settlement, 'NASD', system) : dayCount(previous, settlement, basis, system);
  // In the 30/360 bases what is left of the period makes it up to its fixed length.
  const remaining = basis === 0 || basis === 4 ? days - accrued : next - settlement;
  return { previous, next, count, days, accrued, remaining };
}

/**
 * How many coupon periods lie between two dates, each day counted within its own period. Periods run both ways from
 * a coupon date, past the bond's issue and maturity if need be.
 */
export function periodsBetween(
  anchor: number,
  from: number,
  to: number,
  frequency: Frequency,
  basis: Basis,
  system: DateSystem,
): number {
  let back = 0;
  while (couponDate(anchor, back, frequency, system) > from) back += 1;
  while (couponDate(anchor, back - 1, frequency, system) <= from) back -= 1;
  let periods = 0;
  for (; ; back -= 1) {
    const start = couponDate(anchor, back, frequency, system);
    if (start >= to) return periods;
    const end = couponDate(anchor, back - 1, frequency, system);
    if (start >= from && end <= to) {
      periods += 1;
      continue;
    }
    const length = basis === 1 ? end - start : (basis === 3 ? 365 : 360) / frequency;
    periods += dayCount(Math.max(start, from), Math.min(end, to), basis, system) / length;
  }
}

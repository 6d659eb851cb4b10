import { calendarDay, type DateSystem, daysInMonth, isLeapYear, serialOf } from '../formula/dates.ts';

/** 0 30/360 (United States), 1 actual/actual, 2 actual/360, 3 actual/365, 4 30/360 (European). */
export type Basis = 0 | 1 | 2 | 3 | 4;

export function isBasis(value: number): value is Basis {
  return Number.isInteger(value) && value >= 0 && value <= 4;
}

/** Days of twelve months of thirty. DAYS360 and the bond functions treat the end of February differently. */
export function daysBetween360(
  from: number,
  to: number,
  method: 'DAYS360' | 'NASD' | 'european',
  system: DateSystem,
): number {
  const a = calendarDay(from, system);
  const b = calendarDay(to, system);
  let first = a.day;
  let last = b.day;
  const isLast = (date: typeof a) => date.day === daysInMonth(date.year, date.month);
  if (method === 'european') {
    first = Math.min(first, 30);
    last = Math.min(last, 30);
  } else if (method === 'NASD') {
    const startsInFebruary = a.month === 2 && isLast(a);
    if (startsInFebruary && b.month === 2 && isLast(b)) last = 30;
    if (startsInFebruary) first = 30;
    if (last === 31 && first >= 30) last = 30;
    if (first === 31) first = 30;
  } else {
    if (isLast(a)) first = 30;
    if (last === 31 && first < 30) {
      // The 31st after a day before the 30th counts as the first of the next month.
      return (b.year - a.year) * 360 + (b.month + 1 - a.month) * 30 + 1 - first;
    }
    last = Math.min(last, 30);
    if (b.month === 2 && isLast(b) && b.day < 30) last = b.day;
  }
  return (b.year - a.year) * 360 + (b.month - a.month) * 30 + last - first;
}

/** Days between two dates by a basis. */
export function dayCount(from: number, to: number, basis: Basis, system: DateSystem): number {
  if (basis === 0) return daysBetween360(from, to, 'NASD', system);
  return basis === 4 ? daysBetween360(from, to, 'european', system) : to - from;
}

/** The part of a year between two dates, whatever their order, as YEARFRAC counts it. */
export function yearFraction(start: number, end: number, basis: Basis, system: DateSystem): number {
  const from = Math.min(start, end);
  const to = Math.max(start, end);
  if (from === to) return 0;
  switch (basis) {
    case 0:
    case 4:
      return dayCount(from, to, basis, system) / 360;
    case 2:
      return (to - from) / 360;
    case 3:
      return (to - from) / 365;
    case 1:
      return (to - from) / averageYear(from, to, system);
  }
}

/** Actual/actual: up to a year apart by whether a 29 February lies between, further apart the mean of the years. */
function averageYear(from: number, to: number, system: DateSystem): number {
  const a = calendarDay(from, system);
  const b = calendarDay(to, system);
  const isWithinAYear =
    a.year === b.year || (b.year === a.year + 1 && (a.month > b.month || (a.month === b.month && a.day >= b.day)));
  if (!isWithinAYear) {
    const years = b.year - a.year + 1;
    return (serialOf(b.year + 1, 1, 1, system) - serialOf(a.year, 1, 1, system)) / years;
  }
  if (a.year === b.year) return isLeapYear(a.year) ? 366 : 365;
  const leapDays = [a.year, b.year].filter(isLeapYear).map((year) => serialOf(year, 2, 29, system));
  return leapDays.some((day) => day >= from && day <= to) ? 366 : 365;
}

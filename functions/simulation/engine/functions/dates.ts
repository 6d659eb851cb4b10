import type { Call } from '../formula/call.ts';
import { addMonths, calendarDay, daysInMonth, lastSerial, serialOf, timeOfDay, weekday } from '../formula/dates.ts';
import {
  aLogical,
  aNumber,
  anInteger,
  aText,
  type Family,
  lifted,
  optional,
  strictInteger,
  strictNumber,
} from '../formula/definition.ts';
import { momentFromText } from '../formula/text-number.ts';
import { isError, wrongNumber, wrongValue } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { daysBetween360 } from './day-count.ts';

/** A whole serial day within the calendar, or #NUM!. */
export function dayOf(value: number, call: Call): number | ErrorValue {
  const day = Math.floor(value);
  return day < 0 || day > lastSerial(call.reading.dateSystem) ? wrongNumber : day;
}

function ofDay(compute: (day: number, call: Call) => CellValue) {
  return lifted([aNumber], (value, call) => {
    const day = dayOf(value, call);
    return isError(day) ? day : compute(day, call);
  });
}

function ofTime(part: 'hour' | 'minute' | 'second') {
  return lifted([aNumber], (value) => (value < 0 ? wrongNumber : timeOfDay(value)[part]));
}

function date(year: number, month: number, day: number, call: Call): CellValue {
  const system = call.reading.dateSystem;
  const full = year >= 0 && year < (system === 1900 ? 1900 : 1904) ? year + 1900 : year;
  if (full < 0 || full > 9999 || Math.abs(month) > 32_767 * 100) return wrongNumber;
  if (full + Math.floor((month - 1) / 12) > 9999) return wrongNumber;
  const serial = serialOf(full, month, day, system);
  return serial < 0 || serial > lastSerial(system) ? wrongNumber : serial;
}

function time(hour: number, minute: number, second: number): CellValue {
  const seconds = hour * 3_600 + minute * 60 + second;
  if (seconds < 0 || Math.max(hour, minute, second) > 32_767) return wrongNumber;
  return (seconds % 86_400) / 86_400;
}

function monthsOn(start: number, months: number, toEnd: boolean, call: Call): CellValue {
  const day = dayOf(start, call);
  if (isError(day)) return day;
  const system = call.reading.dateSystem;
  let moved = addMonths(day, Math.trunc(months), system);
  if (toEnd) {
    const { year, month } = calendarDay(moved, system);
    moved = serialOf(year, month, daysInMonth(year, month), system);
  }
  return dayOf(moved, call);
}

function weekdayNumber(value: number, kind: number, call: Call): CellValue {
  const day = dayOf(value, call);
  if (isError(day)) return day;
  const fromSunday = weekday(day, call.reading.dateSystem) - 1;
  if (kind === 1 || kind === 17) return fromSunday + 1;
  if (kind === 2) return ((fromSunday + 6) % 7) + 1;
  if (kind === 3) return (fromSunday + 6) % 7;
  return kind >= 11 && kind <= 16 ? ((fromSunday - (kind - 10) + 7) % 7) + 1 : wrongNumber;
}

export function isoWeek(day: number, call: Call): number {
  const system = call.reading.dateSystem;
  const fromMonday = (weekday(day, system) + 5) % 7;
  const thursday = day - fromMonday + 3;
  const { year } = calendarDay(thursday, system);
  return Math.floor((thursday - serialOf(year, 1, 1, system)) / 7) + 1;
}

function weekNumber(value: number, kind: number, call: Call): CellValue {
  const day = dayOf(value, call);
  if (isError(day)) return day;
  if (kind === 21) return isoWeek(day, call);
  const firstDays: Readonly<Record<number, number>> = { 1: 0, 2: 1, 11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 16: 6, 17: 0 };
  const first = firstDays[kind];
  if (first === undefined) return wrongNumber;
  const system = call.reading.dateSystem;
  const newYear = serialOf(calendarDay(day, system).year, 1, 1, system);
  const lead = (weekday(newYear, system) - 1 - first + 7) % 7;
  return Math.floor((day - newYear + lead) / 7) + 1;
}

/** DATEDIF counts whole units between two days; "MD" has Excel's well-known oddities only past a month's end. */
function dateDifference(from: number, to: number, unit: string, call: Call): CellValue {
  const first = dayOf(from, call);
  const last = dayOf(to, call);
  if (isError(first)) return first;
  if (isError(last)) return last;
  if (first > last) return wrongNumber;
  const system = call.reading.dateSystem;
  const a = calendarDay(first, system);
  const b = calendarDay(last, system);
  const months = (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day ? 1 : 0);
  switch (unit.toUpperCase()) {
    case 'Y':
      return Math.floor(months / 12);
    case 'M':
      return months;
    case 'D':
      return last - first;
    case 'YM':
      return months % 12;
    case 'MD':
      if (b.day >= a.day) return b.day - a.day;
      return last - serialOf(b.year, b.month - 1, a.day, system);
    case 'YD': {
      const isAfter = b.month > a.month || (b.month === a.month && b.day >= a.day);
      return last - serialOf(isAfter ? b.year : b.year - 1, a.month, a.day, system);
    }
    default:
      return wrongNumber;
  }
}

export const dates: Family = {
  DATE: lifted([anInteger, anInteger, anInteger], date),
  TIME: lifted([anInteger, anInteger, anInteger], time),
  DATEVALUE: lifted([aText], (text, call) => {
    const value = momentFromText(text, call.reading);
    return value === undefined ? wrongValue : Math.floor(value);
  }),
  TIMEVALUE: lifted([aText], (text, call) => {
    const value = momentFromText(text, call.reading);
    return value === undefined ? wrongValue : value - Math.floor(value);
  }),
  NOW: lifted([], (call: Call) => call.moment.now),
  TODAY: lifted([], (call: Call) => Math.floor(call.moment.now)),
  YEAR: ofDay((day, call) => calendarDay(day, call.reading.dateSystem).year),
  MONTH: ofDay((day, call) => calendarDay(day, call.reading.dateSystem).month),
  DAY: ofDay((day, call) => calendarDay(day, call.reading.dateSystem).day),
  HOUR: ofTime('hour'),
  MINUTE: ofTime('minute'),
  SECOND: ofTime('second'),
  WEEKDAY: lifted([aNumber, optional(anInteger, 1)], weekdayNumber),
  WEEKNUM: lifted([strictNumber, optional(strictInteger, 1)], weekNumber),
  ISOWEEKNUM: ofDay(isoWeek),
  EDATE: lifted([strictNumber, strictNumber], (start, months, call) => monthsOn(start, months, false, call)),
  EOMONTH: lifted([strictNumber, strictNumber], (start, months, call) => monthsOn(start, months, true, call)),
  DAYS: lifted([aNumber, aNumber], (to, from, call) => {
    const last = dayOf(to, call);
    const first = dayOf(from, call);
    if (isError(last)) return last;
    return isError(first) ? first : last - first;
  }),
  DAYS360: lifted([aNumber, aNumber, optional(aLogical, false)], (from, to, european, call) => {
    const first = dayOf(from, call);
    const last = dayOf(to, call);
    if (isError(first)) return first;
    if (isError(last)) return last;
    return daysBetween360(first, last, european ? 'european' : 'DAYS360', call.reading.dateSystem);
  }),
  DATEDIF: lifted([aNumber, aNumber, aText], dateDifference),
};

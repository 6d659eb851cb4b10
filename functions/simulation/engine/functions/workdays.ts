import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import { lastSerial, weekday } from '../formula/dates.ts';
import {
  aNumber,
  anInteger,
  anything,
  aRange,
  defaulted,
  type Family,
  lifted,
  optional,
  strictInteger,
  strictNumber,
} from '../formula/definition.ts';
import { eachValue } from '../formula/ranges.ts';
import { type Argument, isError, wrongNumber, wrongValue } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { dayOf } from './dates.ts';
import { isBasis, yearFraction } from './day-count.ts';

/** Which days of the week are free, from Monday. */
type Weekend = readonly boolean[];

const saturdayAndSunday: Weekend = [false, false, false, false, false, true, true];

/** A number (1 to 7: two days from Saturday on; 11 to 17: one from Sunday on) or seven digits from Monday. */
function weekendOf(value: CellValue): Weekend | ErrorValue {
  if (isError(value)) return value;
  if (typeof value === 'string' && value.length === 7) {
    if (!/^[01]{7}$/.test(value)) return wrongValue;
    return [...value].map((digit) => digit === '1');
  }
  const number = value === null ? 1 : Math.trunc(Number(value));
  const isFree = (day: number, free: number) => day === free % 7;
  if (number >= 1 && number <= 7) {
    return saturdayAndSunday.map((_, day) => isFree(day, number + 4) || isFree(day, number + 5));
  }
  if (number >= 11 && number <= 17) return saturdayAndSunday.map((_, day) => isFree(day, number - 5));
  return typeof value === 'string' ? wrongValue : wrongNumber;
}

function holidaysOf(argument: Argument, call: Call): Set<number> | ErrorValue {
  const days = new Set<number>();
  let failed: ErrorValue | undefined;
  eachValue(argument, call, (value) => {
    if (value === null) return;
    const day = toNumber(value, call.reading);
    if (isError(day)) failed ??= day;
    else days.add(Math.floor(day));
  });
  return failed ?? days;
}

function networkDays(from: number, to: number, weekend: { value: CellValue }, free: Argument, call: Call): CellValue {
  const first = dayOf(from, call);
  const last = dayOf(to, call);
  if (isError(first)) return first;
  if (isError(last)) return last;
  const rest = weekendOf(weekend.value);
  if (isError(rest)) return rest;
  const holidays = holidaysOf(free, call);
  if (isError(holidays)) return holidays;
  let worked = 0;
  for (let day = Math.min(first, last); day <= Math.max(first, last); day += 1) {
    if (isWorked(day, rest, holidays, call)) worked += 1;
  }
  return first <= last ? worked : -worked;
}

function workday(from: number, days: number, weekend: { value: CellValue }, free: Argument, call: Call): CellValue {
  const start = dayOf(from, call);
  if (isError(start)) return start;
  const rest = weekendOf(weekend.value);
  if (isError(rest)) return rest;
  if (rest.every(Boolean)) return wrongValue;
  const holidays = holidaysOf(free, call);
  if (isError(holidays)) return holidays;
  const step = days < 0 ? -1 : 1;
  let day = start;
  for (let left = Math.abs(days); left > 0; ) {
    day += step;
    if (day < 0 || day > lastSerial(call.reading.dateSystem)) return wrongNumber;
    if (isWorked(day, rest, holidays, call)) left -= 1;
  }
  return day;
}

function isWorked(day: number, weekend: Weekend, holidays: ReadonlySet<number>, call: Call): boolean {
  return !weekend[(weekday(day, call.reading.dateSystem) + 5) % 7] && !holidays.has(day);
}

const noHolidays = optional(aRange, null);
const usual = { value: null };

export const workdays: Family = {
  WORKDAY: lifted([strictNumber, strictInteger, noHolidays], (from, days, free, call) =>
    workday(from, days, usual, free, call),
  ),
  NETWORKDAYS: lifted([strictNumber, strictNumber, noHolidays], (from, to, free, call) =>
    networkDays(from, to, usual, free, call),
  ),
  'WORKDAY.INTL': lifted([aNumber, anInteger, defaulted(anything, usual), noHolidays], workday),
  'NETWORKDAYS.INTL': lifted([aNumber, aNumber, defaulted(anything, usual), noHolidays], networkDays),
  YEARFRAC: lifted([strictNumber, strictNumber, optional(strictInteger, 0)], (from, to, basis, call) => {
    const first = dayOf(from, call);
    const last = dayOf(to, call);
    if (isError(first)) return first;
    if (isError(last)) return last;
    return isBasis(basis) ? yearFraction(first, last, basis, call.reading.dateSystem) : wrongNumber;
  }),
};

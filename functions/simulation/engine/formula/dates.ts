/**
 * Serial days. In the 1900 system day 1 is 1 January 1900 and day 60 is 29 February 1900, which never was
 * (a mistake of Lotus 1-2-3 that Excel keeps); in the 1904 system day 0 is 1 January 1904.
 */
export type DateSystem = 1900 | 1904;

export type CalendarDay = { readonly year: number; readonly month: number; readonly day: number };

/** 31 December 9999 in the 1900 system. */
export const lastSerial1900 = 2_958_465;
const between = 1_462;
const day = 86_400_000;
const unixEpoch1900 = 25_569;

export function lastSerial(system: DateSystem): number {
  return system === 1900 ? lastSerial1900 : lastSerial1900 - between;
}

/** The calendar day of a whole serial number; month and day count from 1. Serial 0 of 1900 is "0 January 1900". */
export function calendarDay(serial: number, system: DateSystem): CalendarDay {
  const in1900 = system === 1900 ? serial : serial + between;
  if (in1900 === 60) return { year: 1900, month: 2, day: 29 };
  if (in1900 === 0) return { year: 1900, month: 1, day: 0 };
  const date = new Date((in1900 < 60 ? in1900 + 1 - unixEpoch1900 : in1900 - unixEpoch1900) * day);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The serial of a year, month and day; months and days outside their range carry over, as DATE does. */
export function serialOf(year: number, month: number, dayOfMonth: number, system: DateSystem): number {
  const first = new Date(0);
  first.setUTCFullYear(year, month - 1, 1);
  let serial = first.getTime() / day + unixEpoch1900;
  if (serial < 61) serial -= 1;
  serial += dayOfMonth - 1;
  // Counting on from January or February 1900 passes the day that never was; counting from March does not.
  return system === 1900 ? serial : serial - between;
}

/** 1 is Sunday. By Excel's count: 1 January 1900 is a Sunday there, though it was a Monday. */
export function weekday(serial: number, system: DateSystem): number {
  const in1900 = Math.floor(system === 1900 ? serial : serial + between);
  return ((((in1900 - 1) % 7) + 7) % 7) + 1;
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth(year: number, month: number): number {
  return [31, isLeapYear(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

/** Moves a serial by whole months, the day cut to the target month's last. */
export function addMonths(serial: number, months: number, system: DateSystem): number {
  const from = calendarDay(Math.floor(serial), system);
  const count = from.year * 12 + from.month - 1 + months;
  const year = Math.floor(count / 12);
  const month = (((count % 12) + 12) % 12) + 1;
  return serialOf(year, month, Math.min(from.day, daysInMonth(year, month)), system);
}

/** Hours, minutes and seconds of a serial's fraction, to the nearest second. */
export function timeOfDay(serial: number): { hour: number; minute: number; second: number } {
  const seconds = Math.round((serial - Math.floor(serial)) * 86_400) % 86_400;
  return { hour: Math.floor(seconds / 3_600), minute: Math.floor(seconds / 60) % 60, second: seconds % 60 };
}

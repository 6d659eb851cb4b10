import { type DateSystem, daysInMonth, lastSerial1900, serialOf } from './dates.ts';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

export type TextReading = { readonly dateSystem: DateSystem; readonly currentYear: number };

/**
 * The number that Excel (United States settings) reads from a text: plain, with thousands, currency, percent,
 * accountant's parentheses, fractions, dates and times. Undefined where it reads none, and the sum is #VALUE!.
 */
export function numberFromText(text: string, reading: TextReading): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  // Blanks around a date make it no date, though around a number they do not matter.
  return plainNumber(trimmed) ?? fraction(trimmed) ?? (text === trimmed ? momentFromText(trimmed, reading) : undefined);
}

function plainNumber(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return bounded(Number(text));
  const match =
    /^(?<open>\()?\s*(?<sign>[+-])?\s*(?<currency>[$€£¥])?\s*(?<inner>[+-])?\s*(?<percentFirst>%)?(?<digits>(?:\d{1,3}(?:,\d{3,})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*(?<percent>%)?(?<unit>[€£¥])?\s*(?<trailingSign>[+-])?(?<close>\))?$/.exec(
      text,
    );
  const groups = match?.groups;
  if (!groups || !/\d/.test(groups.digits ?? '') || /^[eE]/.test(groups.digits ?? '')) return undefined;
  if ((groups.open === undefined) !== (groups.close === undefined)) return undefined;
  const signs = [groups.open, groups.sign, groups.inner, groups.trailingSign].filter((sign) => sign !== undefined);
  if (signs.length > 1 || (groups.percent && groups.percentFirst)) return undefined;
  const size = Number((groups.digits ?? '').replaceAll(',', '')) / (groups.percent || groups.percentFirst ? 100 : 1);
  return bounded(signs.some((sign) => sign === '(' || sign === '-') ? -size : size);
}

function bounded(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function fraction(text: string): number | undefined {
  const match = /^([+-])?(\d+) +(\d+)\/(\d+)$/.exec(text);
  if (!match || Number(match[4]) === 0) return undefined;
  const size = Number(match[2]) + Number(match[3]) / Number(match[4]);
  return match[1] === '-' ? -size : size;
}

/** A date, a time, or a date and a time. */
export function momentFromText(text: string, reading: TextReading): number | undefined {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  const time = timeFromText(trimmed);
  if (time !== undefined) return time;
  const date = dateFromText(trimmed, reading);
  if (date !== undefined) return date;
  const parted = /^(.*\S)[ T](\d{1,4}:.*|\d{1,2} [apAP][mM]?)$/.exec(trimmed);
  if (!parted) return undefined;
  const day = dateFromText(parted[1] ?? '', reading);
  const clock = timeFromText(parted[2] ?? '');
  return day === undefined || clock === undefined ? undefined : day + clock;
}

function timeFromText(text: string): number | undefined {
  const match = /^(\d{1,4})(?::(\d{1,4}))?(?::(\d{1,4})(\.\d+)?|(\.\d+))? ?(am|pm|a|p)?$/i.exec(text);
  if (!match || (match[2] === undefined && match[6] === undefined)) return undefined;
  // "12:30.5" is minutes, seconds and a part of one.
  const shifted = match[5] !== undefined;
  let hour = shifted ? 0 : Number(match[1]);
  const minute = shifted ? Number(match[1]) : Number(match[2] ?? 0);
  const second = shifted ? Number(`${match[2]}${match[5]}`) : Number(`${match[3] ?? 0}${match[4] ?? ''}`);
  if (match[6] !== undefined) {
    if (hour > 12 || minute > 59) return undefined;
    hour = (hour % 12) + (match[6].toLowerCase().startsWith('p') ? 12 : 0);
  }
  // One part at most may pass its range, as in "36:00" or "1:90".
  if ((hour > 23 ? 1 : 0) + (minute > 59 ? 1 : 0) + (second >= 60 ? 1 : 0) > 1) return undefined;
  return (hour * 3_600 + minute * 60 + second) / 86_400;
}

function dateFromText(text: string, reading: TextReading): number | undefined {
  const part = (match: RegExpExecArray | null, year: number, month: number, day: number) =>
    match ? dated(match[year], match[month], match[day], reading) : undefined;
  return (
    part(/^(\d{4})([-/])(\d{1,2})\2(\d{1,2})$/.exec(text), 1, 3, 4) ??
    part(/^(\d{1,2})([-/])(\d{1,2})\2(\d{4}|\d{1,2})$/.exec(text), 4, 1, 3) ??
    part(/^(\d{1,2})[- /]?([a-z]{3,9})\.?[- /,]*(\d{4}|\d{2})$/i.exec(text), 3, 2, 1) ??
    part(/^([a-z]{3,9})\.?[- /](\d{1,2})(?:, ?|[- /])(\d{4}|\d{2})$/i.exec(text), 3, 1, 2) ??
    part(/^(\d{4})[- /]([a-z]{3,9})[- /](\d{1,2})$/i.exec(text), 1, 2, 3) ??
    monthOnly(text, reading)
  );
}

/** "Mar 2020" is its first day; "3/15" and "15-Mar" are this year's. */
function monthOnly(text: string, reading: TextReading): number | undefined {
  const ofYear = /^([a-z]{3,9})[- /,]+(\d{4})$/i.exec(text) ?? /^(\d{1,2})[-/](\d{4})$/.exec(text) ?? undefined;
  if (ofYear) return dated(ofYear[2], ofYear[1], '1', reading);
  const ofDay = /^(\d{1,2})[- /]?([a-z]{3,9})$/i.exec(text);
  if (ofDay) return dated(String(reading.currentYear), ofDay[2], ofDay[1], reading);
  const named = /^([a-z]{3,9})[- /](\d{1,2})$/i.exec(text) ?? /^(\d{1,2})[-/](\d{1,2})$/.exec(text);
  if (!named) return undefined;
  return dated(String(reading.currentYear), named[1], named[2], reading) ?? dated(named[2], named[1], '1', reading);
}

function dated(
  yearText: string | undefined,
  monthText: string | undefined,
  dayText: string | undefined,
  reading: TextReading,
): number | undefined {
  const month = monthNumber(monthText ?? '');
  let year = Number(yearText);
  // Two digits: 00 to 29 are this century's, 30 to 99 the last one's (Excel's and Windows' default window).
  if ((yearText ?? '').length <= 2) year += year < 30 ? 2_000 : 1_900;
  const day = Number(dayText);
  if (month === undefined || year < 1_900 || year > 9_999 || day < 1) return undefined;
  const isPhantom = year === 1_900 && month === 2 && day === 29;
  if (day > daysInMonth(year, month) && !isPhantom) return undefined;
  const serial = serialOf(year, month, day, reading.dateSystem);
  return serial >= 0 && serial <= lastSerial1900 ? serial : undefined;
}

function monthNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 12 ? Number(text) : undefined;
  const lower = text.toLowerCase();
  const index = monthNames.indexOf(lower) >= 0 ? monthNames.indexOf(lower) : months.indexOf(lower);
  return index < 0 ? undefined : index + 1;
}

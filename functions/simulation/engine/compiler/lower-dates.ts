import { lastSerial } from '../formula/dates.ts';
import type { Builder, Condition, Real } from '../kernel/builder.ts';
import { beyond, type Context, type Lowering } from './context.ts';
import { lowerNode, numberOf } from './lower.ts';
import { elementwise } from './shapes.ts';
import { asReal, known, real } from './symbol.ts';

/** From the day after the one that never was, 29 February 1900, the calendar is the true one. */
const firstTrueDay = 61;
const between1904 = 1_462;
/** 1 March of year 0 lies this many days before day 0 of the 1900 system. */
const daysBefore1900 = 693_899;

/** Functions of dates that chance moves. */
export const dateLowerings: readonly (readonly [string, Lowering])[] = [
  ['YEAR', ofDay((k, day) => calendar(k, day).year)],
  ['MONTH', ofDay((k, day) => calendar(k, day).month)],
  ['DAY', ofDay((k, day) => calendar(k, day).day)],
  ['WEEKDAY', weekday],
  ['DAYS', difference],
  ['EDATE', (...given) => monthsOn(...given, false)],
  ['EOMONTH', (...given) => monthsOn(...given, true)],
  ['DATE', date],
];

type Calendar = { readonly year: Real; readonly month: Real; readonly day: Real };

function ofDay(compute: (k: Builder, day: Real) => Real): Lowering {
  return ([node], context, table) =>
    elementwise([lowerNode(node ?? { kind: 'empty' }, context, table)], context, ([x]) =>
      real(compute(context.k, dayOf(asReal(context.k, x, context.environment.reading), context))),
    );
}

/** A whole day of the 1900 system within the true calendar; an error beyond its last. */
function dayOf(value: Real, context: Context): Real {
  const { k, environment } = context;
  const system = environment.reading.dateSystem;
  const offset = system === 1900 ? 0 : between1904;
  const day = k.apply('floor', value);
  const { low, high } = k.rangeOf(day);
  if (low + offset < firstTrueDay) throw beyond('a date that may lie before March 1900', context);
  const last = lastSerial(system);
  const kept =
    high <= last ? day : k.select(k.compare('lessOrEqual', day, k.constant(last)), day, k.constant(Number.NaN));
  return k.add(kept, k.constant(offset));
}

const whole = (k: Builder, x: Real, divisor: number): Real => k.apply('floor', k.divide(x, k.constant(divisor)));
const times = (k: Builder, factor: number, x: Real): Real => k.multiply(k.constant(factor), x);
const oneIf = (k: Builder, when: Condition): Real => k.select(when, k.constant(1), k.constant(0));

/** Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years begin in March. */
function calendar(k: Builder, day: Real): Calendar {
  const days = k.add(day, k.constant(daysBefore1900));
  const era = whole(k, days, 146_097);
  const inEra = k.subtract(days, times(k, 146_097, era));
  const leaps = k.subtract(
    k.add(k.subtract(inEra, whole(k, inEra, 1_460)), whole(k, inEra, 36_524)),
    whole(k, inEra, 146_096),
  );
  const yearOfEra = whole(k, leaps, 365);
  const inYear = k.subtract(inEra, daysOfYears(k, yearOfEra));
  const fromMarch = whole(k, k.add(times(k, 5, inYear), k.constant(2)), 153);
  const dayOfMonth = k.add(k.subtract(inYear, daysOfMonths(k, fromMarch)), k.constant(1));
  const isEarly = k.compare('lessOrEqual', k.constant(10), fromMarch);
  const month = k.add(fromMarch, k.select(isEarly, k.constant(-9), k.constant(3)));
  const year = k.add(k.add(yearOfEra, times(k, 400, era)), oneIf(k, isEarly));
  return { year, month, day: dayOfMonth };
}

function daysOfYears(k: Builder, years: Real): Real {
  return k.subtract(k.add(times(k, 365, years), whole(k, years, 4)), whole(k, years, 100));
}

function daysOfMonths(k: Builder, fromMarch: Real): Real {
  return whole(k, k.add(times(k, 153, fromMarch), k.constant(2)), 5);
}

/** The 1900 serial of the first of a month, months counted on from January of year 0. */
function firstOfMonth(k: Builder, months: Real): Real {
  const year = whole(k, months, 12);
  const fromMarch = k.subtract(k.subtract(months, times(k, 12, year)), k.constant(2));
  const isEarly = k.compare('less', fromMarch, k.constant(0));
  const shifted = k.add(fromMarch, k.select(isEarly, k.constant(12), k.constant(0)));
  const from = k.subtract(year, oneIf(k, isEarly));
  const era = whole(k, from, 400);
  const yearOfEra = k.subtract(from, times(k, 400, era));
  const days = k.add(k.add(daysOfYears(k, yearOfEra), daysOfMonths(k, shifted)), times(k, 146_097, era));
  return k.subtract(days, k.constant(daysBefore1900));
}

function back(serial: Real, context: Context): Real {
  const { k, environment } = context;
  return environment.reading.dateSystem === 1900 ? serial : k.subtract(serial, k.constant(between1904));
}

function monthsOn(...[nodes, context, table, , toEnd]: [...Parameters<Lowering>, boolean]) {
  const { k } = context;
  const from = calendar(k, dayOf(numberOf(nodes[0], context, table), context));
  const moved = k.apply('truncate', numberOf(nodes[1], context, table));
  const months = k.add(k.add(times(k, 12, from.year), k.subtract(from.month, k.constant(1))), moved);
  const first = firstOfMonth(k, months);
  const last = k.subtract(firstOfMonth(k, k.add(months, k.constant(1))), k.constant(1));
  const day = k.add(first, k.subtract(from.day, k.constant(1)));
  const { low, high } = k.rangeOf(moved);
  // Nobody moves a date by a thousand years; what leaves the calendar is left to the formula engine.
  if (!(low > -12_000 && high < 12_000)) throw beyond('a date moved by any number of months', context);
  const result = toEnd ? last : k.combine('least', day, last);
  return real(back(checked(result, context), context));
}

function checked(serial: Real, context: Context): Real {
  const { k } = context;
  const isInside = k.connect(
    'and',
    k.compare('lessOrEqual', k.constant(firstTrueDay), serial),
    k.compare('lessOrEqual', serial, k.constant(lastSerial(1900))),
  );
  return k.select(isInside, serial, k.constant(Number.NaN));
}

function date(...[nodes, context, table]: Parameters<Lowering>) {
  const { k } = context;
  const [year, month, day] = nodes.map((node) => k.apply('truncate', numberOf(node, context, table)));
  if (year === undefined || month === undefined || day === undefined) return known({ error: '#VALUE!' });
  const ranges = [year, month, day].map((one) => k.rangeOf(one));
  const [years, months, days] = ranges;
  const isPlain =
    years !== undefined &&
    years.low >= 1910 &&
    years.high <= 9990 &&
    months !== undefined &&
    months.low >= -60 &&
    months.high <= 60 &&
    days !== undefined &&
    days.low >= -1000 &&
    days.high <= 1000;
  if (!isPlain) throw beyond('a date of any year, month or day', context);
  const first = firstOfMonth(k, k.add(times(k, 12, year), k.subtract(month, k.constant(1))));
  return real(back(k.add(first, k.subtract(day, k.constant(1))), context));
}

/** The days that DAYS counts are whole ones. */
function difference(...[nodes, context, table]: Parameters<Lowering>) {
  const { k } = context;
  const [to, from] = nodes.map((node) => dayOf(numberOf(node, context, table), context));
  return to === undefined || from === undefined ? known({ error: '#VALUE!' }) : real(k.subtract(to, from));
}

function weekday(...[nodes, context, table]: Parameters<Lowering>) {
  const { k } = context;
  const kind = k.constantOf(k.apply('truncate', numberOf(nodes[1], context, table, 1)));
  const starts: Readonly<Record<number, readonly [number, number]>> = {
    1: [0, 1],
    17: [0, 1],
    2: [1, 1],
    11: [1, 1],
    3: [1, 0],
  };
  const [start, least] = starts[kind ?? 0] ?? [];
  if (start === undefined || least === undefined) throw beyond('this kind of WEEKDAY', context);
  const fromSunday = k.subtract(dayOf(numberOf(nodes[0], context, table), context), k.constant(1 + start));
  const inWeek = k.subtract(fromSunday, times(k, 7, whole(k, fromSunday, 7)));
  return real(k.add(inWeek, k.constant(least)));
}

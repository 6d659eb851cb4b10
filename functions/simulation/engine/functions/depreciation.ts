import type { Call } from '../formula/call.ts';
import { aLogical, aNumber, defaulted, type Family, lifted, optional } from '../formula/definition.ts';
import { divisionByZero, isError, wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { dayOf } from './dates.ts';
import { isBasis, yearFraction } from './day-count.ts';
import { roundTo } from './rounding.ts';

/** Straight line. */
function straight(cost: number, salvage: number, life: number): CellValue {
  return life === 0 ? divisionByZero : (cost - salvage) / life;
}

/** Sum of the years' digits. */
function digits(cost: number, salvage: number, life: number, period: number): CellValue {
  if (life <= 0 || period <= 0 || period > life) return wrongNumber;
  return ((cost - salvage) * (life - period + 1) * 2) / (life * (life + 1));
}

/** Fixed declining balance; the rate is rounded to three decimals, and the first year may have fewer months. */
function fixedDeclining(
  cost: number,
  salvage: number,
  lifeGiven: number,
  periodGiven: number,
  months: number,
): CellValue {
  const life = lifeGiven;
  const period = Math.trunc(periodGiven);
  const firstMonths = Math.trunc(months);
  if (cost < 0 || salvage < 0 || life <= 0 || period < 1 || firstMonths < 1 || firstMonths > 12) return wrongNumber;
  if (period > life + (firstMonths < 12 ? 1 : 0)) return wrongNumber;
  if (cost === 0) return 0;
  const rate = roundTo(1 - (salvage / cost) ** (1 / life), 3);
  let total = 0;
  let current = 0;
  for (let year = 1; year <= period; year += 1) {
    if (year === 1) current = (cost * rate * firstMonths) / 12;
    else if (year === life + 1) current = ((cost - total) * rate * (12 - firstMonths)) / 12;
    else current = (cost - total) * rate;
    total += current;
  }
  return current;
}

/** Declining balance by a factor, never below the salvage value. */
function declining(cost: number, salvage: number, life: number, period: number, factor: number): CellValue {
  if (cost < 0 || salvage < 0 || life <= 0 || period < 1 || period > life || factor <= 0) return wrongNumber;
  return decliningIn(cost, salvage, life, period, factor);
}

function decliningIn(cost: number, salvage: number, life: number, period: number, factor: number): number {
  const rate = Math.min(1, factor / life);
  const before = rate === 1 ? (period === 1 ? cost : 0) : cost * (1 - rate) ** (period - 1);
  const after = cost * (1 - rate) ** period;
  return Math.max(0, after < salvage ? before - salvage : before - after);
}

/** More periods than this are taken for a mistake. */
const mostPeriods = 1_000_000;

/** Declining balance over a part of the life, going over to a straight line where that writes off more. */
function variable(
  cost: number,
  salvage: number,
  life: number,
  start: number,
  end: number,
  factor: number,
  stays: boolean,
): CellValue {
  if (cost < 0 || salvage < 0 || life <= 0 || start < 0 || end < start || end > life || factor < 0) return wrongNumber;
  if (end > mostPeriods) return wrongNumber;
  const first = Math.floor(start);
  if (stays) {
    const last = Math.ceil(end);
    let total = 0;
    for (let period = first + 1; period <= last; period += 1) {
      const share = Math.min(period, end) - Math.max(period - 1, start);
      total += share * decliningIn(cost, salvage, life, period, factor);
    }
    return total;
  }
  // Periods are counted from the start: one that begins within a period cuts the life's first period short.
  let time = 0;
  let book = cost;
  let line: number | undefined;
  let total = 0;
  const within = (moment: number, limit: number) => moment < limit - 1e-9;
  for (let length = start - first || 1; within(time, end); length = 1) {
    const byLine = life - time <= 0 ? 0 : (book - salvage) / (life - time);
    const byBalance = Math.max(0, Math.min((book * factor) / life, book - salvage));
    if (byLine > byBalance) line ??= byLine;
    const written = (line ?? byBalance) * length;
    // A last period that is not over counts by its share.
    if (!within(time, start)) total += written * Math.min(1, end - time);
    book -= written;
    time += length;
  }
  return total;
}

/** What both French functions are asked; `share` is how much of the first period is left after the purchase. */
type FrenchAsset = {
  readonly cost: number;
  readonly salvage: number;
  readonly period: number;
  readonly rate: number;
  readonly share: number;
};

/** French straight line by days: the first period's share is what is left of it after the purchase. */
function frenchLinear({ cost, salvage, period, rate, share }: FrenchAsset): CellValue {
  const whole = cost * rate;
  const first = share * rate * cost;
  const years = Math.trunc((cost - salvage - first) / whole);
  if (period === 0) return first;
  if (period <= years) return whole;
  return period === years + 1 ? cost - salvage - whole * years - first : 0;
}

/** French declining balance: the rate grows with the life, and the last two years take halves. */
function frenchDeclining({ cost, salvage, period, rate, share }: FrenchAsset): CellValue {
  const life = 1 / rate;
  if (life < 3 || (life > 4 && life < 5)) return wrongNumber;
  const raised = rate * (life < 5 ? 1.5 : life <= 6 ? 2 : 2.5);
  let book = cost;
  let written = roundTo(share * raised * book, 0);
  book -= written;
  let left = book - salvage;
  for (let year = 0; year < Math.trunc(period); year += 1) {
    written = roundTo(raised * book, 0);
    left -= written;
    if (left < 0) return Math.trunc(period) - year <= 1 ? roundTo(book * 0.5, 0) : 0;
    book -= written;
  }
  return written;
}

function firstShare(purchased: number, firstEnd: number, basis: number, call: Call): CellValue {
  const from = dayOf(purchased, call);
  const to = dayOf(firstEnd, call);
  if (isError(from)) return from;
  if (isError(to)) return to;
  if (!isBasis(Math.trunc(basis)) || basis === 2 || from > to) return wrongNumber;
  const kind = Math.trunc(basis);
  return isBasis(kind) ? yearFraction(from, to, kind, call.reading.dateSystem) : wrongNumber;
}

const frenchArguments = [aNumber, aNumber, aNumber, aNumber, aNumber, aNumber, optional(aNumber, 0)] as const;

/** A French function over its arguments as Excel takes them, once what cannot be depreciated is refused. */
function french(written: (asset: FrenchAsset) => CellValue) {
  const checked = (
    cost: number,
    purchased: number,
    firstEnd: number,
    salvage: number,
    period: number,
    rate: number,
    basis: number,
    call: Call,
  ): CellValue => {
    const share = firstShare(purchased, firstEnd, basis, call);
    if (typeof share !== 'number') return share;
    if (cost < 0 || salvage < 0 || salvage >= cost || period < 0 || rate <= 0) return wrongNumber;
    return written({ cost, salvage, period, rate, share });
  };
  return lifted(frenchArguments, checked);
}

export const depreciation: Family = {
  SLN: lifted([aNumber, aNumber, aNumber], straight),
  SYD: lifted([aNumber, aNumber, aNumber, aNumber], digits),
  DB: lifted([aNumber, aNumber, aNumber, aNumber, defaulted(aNumber, 12)], fixedDeclining),
  DDB: lifted([aNumber, aNumber, aNumber, aNumber, defaulted(aNumber, 2)], declining),
  VDB: lifted(
    [aNumber, aNumber, aNumber, aNumber, aNumber, defaulted(aNumber, 2), optional(aLogical, false)],
    variable,
  ),
  AMORLINC: french(frenchLinear),
  AMORDEGRC: french(frenchDeclining),
};

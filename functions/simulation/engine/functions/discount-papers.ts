import type { Call } from '../formula/call.ts';
import { addMonths } from '../formula/dates.ts';
import { aLogical, type Family, lifted, optional, strictNumber } from '../formula/definition.ts';
import { isError, wrongNumber } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { couponDate, isFrequency, periodsBetween } from './coupons.ts';
import { dayOf } from './dates.ts';
import { type Basis, dayCount, isBasis, yearFraction } from './day-count.ts';

type Span = { readonly from: number; readonly to: number; readonly basis: Basis; readonly years: number };

/** Two dates in order, and the years between them by a basis. */
function spanOf(fromGiven: number, toGiven: number, basisGiven: number, call: Call): Span | ErrorValue {
  const from = dayOf(fromGiven, call);
  const to = dayOf(toGiven, call);
  if (isError(from)) return from;
  if (isError(to)) return to;
  const basis = Math.trunc(basisGiven);
  if (!isBasis(basis) || from >= to) return wrongNumber;
  return { from, to, basis, years: yearFraction(from, to, basis, call.reading.dateSystem) };
}

const basis = optional(strictNumber, 0);

/** A function of two dates, two positive amounts and a basis. */
function ofTwo(compute: (years: number, a: number, b: number) => CellValue) {
  return lifted(
    [strictNumber, strictNumber, strictNumber, strictNumber, basis],
    (from, to, a, b, kind, call): CellValue => {
      const span = spanOf(from, to, kind, call);
      if (isError(span)) return span;
      return a <= 0 || b <= 0 ? wrongNumber : compute(span.years, a, b);
    },
  );
}

/** Interest at maturity: years from issue to maturity, to settlement, and from settlement to maturity. */
function atMaturity(
  compute: (years: { all: number; accrued: number; left: number }, rate: number, other: number) => CellValue,
) {
  return lifted(
    [strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, basis],
    (settlement, maturity, issue, rate, other, kind, call): CellValue => {
      const left = spanOf(settlement, maturity, kind, call);
      const all = spanOf(issue, maturity, kind, call);
      if (isError(left)) return left;
      if (isError(all)) return all;
      if (rate < 0 || other < 0 || all.from > left.from) return wrongNumber;
      const accrued = yearFraction(all.from, left.from, left.basis, call.reading.dateSystem);
      return compute({ all: all.years, accrued, left: left.years }, rate, other);
    },
  );
}

/**
 * ACCRINT counts from the coupon before the first interest date: days from there to settlement (before it, taken
 * off) in periods of that one's length, and from issue to there each day in its own period. Without `fromIssue` the
 * whole periods of those are left out, but not the one that was under way at issue.
 */
function accrued(
  issueGiven: number,
  firstGiven: number,
  settlementGiven: number,
  rate: number,
  par: number,
  frequency: number,
  basisGiven: number,
  fromIssue: boolean,
  call: Call,
): CellValue {
  const span = spanOf(issueGiven, settlementGiven, basisGiven, call);
  if (isError(span)) return span;
  const first = dayOf(firstGiven, call);
  if (isError(first)) return first;
  const times = Math.trunc(frequency);
  if (!isFrequency(times) || rate <= 0 || par <= 0) return wrongNumber;
  const system = call.reading.dateSystem;
  const previous = couponDate(first, 1, times, system);
  const start = Math.max(previous, span.from);
  const length = span.basis === 1 ? first - previous : (span.basis === 3 ? 365 : 360) / times;
  const periods = (from: number, to: number) => periodsBetween(first, from, to, times, span.basis, system);
  if (fromIssue && span.to > first) return (par * rate * periods(span.from, span.to)) / times;
  const before = periods(span.from, start);
  const isOnCoupon = couponDate(first, 1 + Math.round(before), times, system) === span.from;
  const begun = isOnCoupon ? 0 : before - Math.ceil(before) + 1;
  const counted = fromIssue ? before : start === span.from ? 0 : begun;
  return (par * rate * (dayCount(start, span.to, span.basis, system) / length + counted)) / times;
}

/** A United States treasury bill, at most a year from maturity. */
function bill(compute: (days: number, quoted: number) => CellValue) {
  return lifted([strictNumber, strictNumber, strictNumber], (settlement, maturity, quoted, call): CellValue => {
    const span = spanOf(settlement, maturity, 2, call);
    if (isError(span)) return span;
    if (quoted <= 0 || span.to > addMonths(span.from, 12, call.reading.dateSystem)) return wrongNumber;
    return compute(span.to - span.from, quoted);
  });
}

/** The yield of a coupon bond that pays like the bill; past half a year it has a coupon between. */
function billEquivalent(days: number, discount: number): CellValue {
  if (days <= 182) return (365 * discount) / (360 - discount * days);
  const paid = (100 - (discount * 100 * days) / 360) / 100;
  const year = days === 366 ? 366 : 365;
  const share = days / year;
  const root = share ** 2 - (2 * share - 1) * (1 - 1 / paid);
  return root < 0 ? wrongNumber : (2 * (Math.sqrt(root) - share)) / (2 * share - 1);
}

function billPrice(days: number, discount: number): CellValue {
  const value = 100 * (1 - (discount * days) / 360);
  return value < 0 ? wrongNumber : value;
}

export const discountPapers: Family = {
  DISC: ofTwo((years, paid, redemption) => (redemption - paid) / redemption / years),
  INTRATE: ofTwo((years, invested, redemption) => (redemption - invested) / invested / years),
  RECEIVED: ofTwo((years, invested, discount) =>
    1 - discount * years <= 0 ? wrongNumber : invested / (1 - discount * years),
  ),
  PRICEDISC: ofTwo((years, discount, redemption) => redemption * (1 - discount * years)),
  YIELDDISC: ofTwo((years, paid, redemption) => (redemption / paid - 1) / years),
  PRICEMAT: atMaturity(
    ({ all, accrued: passed, left }, rate, yieldRate) =>
      ((1 + all * rate) / (1 + left * yieldRate) - passed * rate) * 100,
  ),
  YIELDMAT: atMaturity(({ all, accrued: passed, left }, rate, paid) =>
    paid === 0 ? wrongNumber : ((1 + all * rate) / (paid / 100 + passed * rate) - 1) / left,
  ),
  ACCRINT: lifted(
    [
      strictNumber,
      strictNumber,
      strictNumber,
      strictNumber,
      optional(strictNumber, 1000),
      strictNumber,
      basis,
      optional(aLogical, true),
    ],
    accrued,
  ),
  ACCRINTM: lifted(
    [strictNumber, strictNumber, strictNumber, optional(strictNumber, 1000), basis],
    (issue, settlement, rate, par, kind, call): CellValue => {
      const span = spanOf(issue, settlement, kind, call);
      if (isError(span)) return span;
      return rate <= 0 || par <= 0 ? wrongNumber : par * rate * span.years;
    },
  ),
  TBILLPRICE: bill(billPrice),
  TBILLYIELD: bill((days, paid) => ((100 - paid) / paid) * (360 / days)),
  TBILLEQ: bill(billEquivalent),
};

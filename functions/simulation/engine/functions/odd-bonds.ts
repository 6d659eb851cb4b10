import type { Call } from '../formula/call.ts';
import { type Family, lifted, optional, strictNumber } from '../formula/definition.ts';
import { isError, wrongNumber } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { type Frequency, isFrequency, periodsBetween } from './coupons.ts';
import { dayOf } from './dates.ts';
import { type Basis, isBasis } from './day-count.ts';
import { bracketed, solve } from './solve.ts';

type Terms = { readonly days: readonly number[]; readonly frequency: Frequency; readonly basis: Basis };

/** Dates that must come one after the other, and how coupons are paid and counted. */
function termsOf(dates: readonly number[], frequencyGiven: number, basisGiven: number, call: Call): Terms | ErrorValue {
  const days: number[] = [];
  for (const date of dates) {
    const day = dayOf(date, call);
    if (isError(day)) return day;
    if (day <= (days.at(-1) ?? -1)) return wrongNumber;
    days.push(day);
  }
  const frequency = Math.trunc(frequencyGiven);
  const basis = Math.trunc(basisGiven);
  return isFrequency(frequency) && isBasis(basis) ? { days, frequency, basis } : wrongNumber;
}

/** A bond whose first period is shorter or longer than the others, in coupon periods. */
type OddFirst = {
  readonly frequency: Frequency;
  /** From issue to the first coupon, from issue to settlement, from settlement to the first coupon. */
  readonly first: number;
  readonly accrued: number;
  readonly wait: number;
  /** Coupons after the first. */
  readonly later: number;
};

function oddFirstOf(
  [settlement, maturity, issue, first]: readonly [number, number, number, number],
  frequency: number,
  basis: number,
  call: Call,
): OddFirst | ErrorValue {
  const terms = termsOf([issue, settlement, first, maturity], frequency, basis, call);
  if (isError(terms)) return terms;
  const [issued = 0, settled = 0, paid = 0, matured = 0] = terms.days;
  const periods = (from: number, to: number) =>
    periodsBetween(paid, from, to, terms.frequency, terms.basis, call.reading.dateSystem);
  return {
    frequency: terms.frequency,
    first: periods(issued, paid),
    accrued: periods(issued, settled),
    wait: periods(settled, paid),
    later: Math.round(periods(paid, matured)),
  };
}

function oddFirstPrice(bond: OddFirst, rate: number, yieldRate: number, redemption: number): number {
  const coupon = (100 * rate) / bond.frequency;
  const discount = 1 + yieldRate / bond.frequency;
  let total = (coupon * bond.first) / discount ** bond.wait;
  for (let index = 1; index <= bond.later; index += 1) total += coupon / discount ** (index + bond.wait);
  return total + redemption / discount ** (bond.later + bond.wait) - coupon * bond.accrued;
}

function oddFirstYield(bond: OddFirst, rate: number, price: number, redemption: number): CellValue {
  const worth = (y: number) => oddFirstPrice(bond, rate, y, redemption) - price;
  const slope = (y: number) => (worth(y + 1e-6) - worth(y - 1e-6)) / 2e-6;
  const guess = rate === 0 ? 0.05 : rate;
  return solve(worth, slope, guess, -bond.frequency) ?? bracketed(worth, guess, -bond.frequency) ?? wrongNumber;
}

/** A bond whose last period is odd, settled within it: simple interest, in coupon periods. */
type OddLast = {
  readonly frequency: Frequency;
  readonly all: number;
  readonly accrued: number;
  readonly left: number;
};

function oddLastOf(
  [settlement, maturity, last]: readonly [number, number, number],
  frequency: number,
  basis: number,
  call: Call,
): OddLast | ErrorValue {
  const terms = termsOf([last, settlement, maturity], frequency, basis, call);
  if (isError(terms)) return terms;
  const [paid = 0, settled = 0, matured = 0] = terms.days;
  const periods = (from: number, to: number) =>
    periodsBetween(paid, from, to, terms.frequency, terms.basis, call.reading.dateSystem);
  return {
    frequency: terms.frequency,
    all: periods(paid, matured),
    accrued: periods(paid, settled),
    left: periods(settled, matured),
  };
}

function oddLastPrice(bond: OddLast, rate: number, yieldRate: number, redemption: number): number {
  const coupon = (100 * rate) / bond.frequency;
  return (redemption + bond.all * coupon) / (1 + (bond.left * yieldRate) / bond.frequency) - bond.accrued * coupon;
}

function oddLastYield(bond: OddLast, rate: number, price: number, redemption: number): number {
  const coupon = (100 * rate) / bond.frequency;
  const start = price + bond.accrued * coupon;
  return (((redemption + bond.all * coupon - start) / start) * bond.frequency) / bond.left;
}

const basis = optional(strictNumber, 0);
type OfFirst = (bond: OddFirst, rate: number, other: number, redemption: number) => CellValue;
type OfLast = (bond: OddLast, rate: number, other: number, redemption: number) => CellValue;

function ofFirst(compute: OfFirst) {
  return lifted(
    [
      strictNumber,
      strictNumber,
      strictNumber,
      strictNumber,
      strictNumber,
      strictNumber,
      strictNumber,
      strictNumber,
      basis,
    ],
    (settlement, maturity, issue, first, rate, other, redemption, frequency, kind, call): CellValue => {
      const bond = oddFirstOf([settlement, maturity, issue, first], frequency, kind, call);
      if (isError(bond)) return bond;
      return rate < 0 || other < 0 || redemption <= 0 ? wrongNumber : compute(bond, rate, other, redemption);
    },
  );
}

function ofLast(compute: OfLast) {
  return lifted(
    [strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, basis],
    (settlement, maturity, last, rate, other, redemption, frequency, kind, call): CellValue => {
      const bond = oddLastOf([settlement, maturity, last], frequency, kind, call);
      if (isError(bond)) return bond;
      return rate < 0 || other < 0 || redemption <= 0 ? wrongNumber : compute(bond, rate, other, redemption);
    },
  );
}

export const oddBonds: Family = {
  ODDFPRICE: ofFirst(oddFirstPrice),
  ODDFYIELD: ofFirst(oddFirstYield),
  ODDLPRICE: ofLast(oddLastPrice),
  ODDLYIELD: ofLast(oddLastYield),
};

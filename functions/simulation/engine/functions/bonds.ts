import type { Call } from '../formula/call.ts';
import { type Definition, type Family, lifted, optional, strictNumber } from '../formula/definition.ts';
import { isError, wrongNumber } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { type CouponPeriod, couponPeriod, type Frequency, isFrequency } from './coupons.ts';
import { dayOf } from './dates.ts';
import { type Basis, isBasis } from './day-count.ts';
import { bracketed, solve } from './solve.ts';

/** What the functions of a bond with coupons share. */
export type Bond = CouponPeriod & {
  readonly settlement: number;
  readonly maturity: number;
  readonly frequency: Frequency;
  readonly basis: Basis;
};

export function bondOf(
  settlementGiven: number,
  maturityGiven: number,
  frequencyGiven: number,
  basisGiven: number,
  call: Call,
): Bond | ErrorValue {
  const settlement = dayOf(settlementGiven, call);
  const maturity = dayOf(maturityGiven, call);
  if (isError(settlement)) return settlement;
  if (isError(maturity)) return maturity;
  const frequency = Math.trunc(frequencyGiven);
  const basis = Math.trunc(basisGiven);
  if (!isFrequency(frequency) || !isBasis(basis) || settlement >= maturity) return wrongNumber;
  const period = couponPeriod(settlement, maturity, frequency, basis, call.reading.dateSystem);
  return { ...period, settlement, maturity, frequency, basis };
}

/** The price of 100 nominal without accrued interest. */
export function price(bond: Bond, rate: number, yieldRate: number, redemption: number): number {
  const coupon = (100 * rate) / bond.frequency;
  const share = 1 - bond.accrued / bond.days;
  const accrued = (coupon * bond.accrued) / bond.days;
  if (bond.count === 1) return (redemption + coupon) / (1 + (share * yieldRate) / bond.frequency) - accrued;
  const discount = 1 + yieldRate / bond.frequency;
  let total = redemption / discount ** (bond.count - 1 + share);
  for (let index = 0; index < bond.count; index += 1) total += coupon / discount ** (index + share);
  return total - accrued;
}

function yieldOf(bond: Bond, rate: number, paid: number, redemption: number): CellValue {
  const coupon = (100 * rate) / bond.frequency;
  if (bond.count === 1) {
    const start = paid + (coupon * bond.accrued) / bond.days;
    return (((redemption + coupon - start) / start) * bond.frequency * bond.days) / (bond.days - bond.accrued);
  }
  const worth = (y: number) => price(bond, rate, y, redemption) - paid;
  const slope = (y: number) => (worth(y + 1e-6) - worth(y - 1e-6)) / 2e-6;
  const guess = rate === 0 ? 0.05 : rate;
  return solve(worth, slope, guess, -bond.frequency) ?? bracketed(worth, guess, -bond.frequency) ?? wrongNumber;
}

/** Macaulay's duration in years. */
function duration(bond: Bond, rate: number, yieldRate: number): number {
  const coupon = (100 * rate) / bond.frequency;
  const discount = 1 + yieldRate / bond.frequency;
  const share = 1 - bond.accrued / bond.days;
  let worth = 0;
  let weighted = 0;
  for (let index = 0; index < bond.count; index += 1) {
    const flow = (coupon + (index === bond.count - 1 ? 100 : 0)) / discount ** (index + share);
    worth += flow;
    weighted += flow * (index + share);
  }
  return weighted / worth / bond.frequency;
}

const basis = optional(strictNumber, 0);

/** A function of the coupon dates alone. */
function ofCoupons(compute: (bond: Bond) => CellValue): Definition {
  return lifted([strictNumber, strictNumber, strictNumber, basis], (settlement, maturity, frequency, kind, call) => {
    const bond = bondOf(settlement, maturity, frequency, kind, call);
    return isError(bond) ? bond : compute(bond);
  });
}

const durationOf = (modified: boolean) =>
  lifted(
    [strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, basis],
    (settlement, maturity, rate, yieldRate, frequency, kind, call): CellValue => {
      const bond = bondOf(settlement, maturity, frequency, kind, call);
      if (isError(bond)) return bond;
      if (rate < 0 || yieldRate < 0) return wrongNumber;
      const years = duration(bond, rate, yieldRate);
      return modified ? years / (1 + yieldRate / bond.frequency) : years;
    },
  );

export const bonds: Family = {
  COUPNUM: ofCoupons((bond) => bond.count),
  COUPPCD: ofCoupons((bond) => bond.previous),
  COUPNCD: ofCoupons((bond) => bond.next),
  COUPDAYS: ofCoupons((bond) => bond.days),
  COUPDAYBS: ofCoupons((bond) => bond.accrued),
  COUPDAYSNC: ofCoupons((bond) => bond.remaining),
  PRICE: lifted(
    [strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, basis],
    (settlement, maturity, rate, yieldRate, redemption, frequency, kind, call): CellValue => {
      const bond = bondOf(settlement, maturity, frequency, kind, call);
      if (isError(bond)) return bond;
      return rate < 0 || yieldRate < 0 || redemption <= 0 ? wrongNumber : price(bond, rate, yieldRate, redemption);
    },
  ),
  YIELD: lifted(
    [strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, basis],
    (settlement, maturity, rate, paid, redemption, frequency, kind, call): CellValue => {
      const bond = bondOf(settlement, maturity, frequency, kind, call);
      if (isError(bond)) return bond;
      return rate < 0 || paid <= 0 || redemption <= 0 ? wrongNumber : yieldOf(bond, rate, paid, redemption);
    },
  ),
  DURATION: durationOf(false),
  MDURATION: durationOf(true),
};

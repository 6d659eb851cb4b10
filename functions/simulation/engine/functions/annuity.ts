import { aNumber, type Family, lifted, optional, strictInteger, strictNumber } from '../formula/definition.ts';
import { divisionByZero, wrongNumber } from '../formula/value.ts';
import type { CellValue } from '../workbook/model.ts';
import { solve } from './solve.ts';

/**
 * The five of an annuity are tied by pv·(1+r)^n + pmt·(1+r·due)·((1+r)^n − 1)/r + fv = 0, money paid negative;
 * due is 1 where payments fall at a period's beginning.
 */
function futureValue(rate: number, periods: number, payment: number, present: number, due: number): CellValue {
  if (rate === 0) return -(present + payment * periods);
  const growth = (1 + rate) ** periods;
  if (growth === Infinity && rate === -1) return divisionByZero;
  return -(present * growth + (payment * (1 + rate * due) * (growth - 1)) / rate);
}

function presentValue(rate: number, periods: number, payment: number, future: number, due: number): CellValue {
  if (rate === 0) return -(future + payment * periods);
  const growth = (1 + rate) ** periods;
  if (growth === 0 || (growth === Infinity && rate === -1)) return divisionByZero;
  return -(future + (payment * (1 + rate * due) * (growth - 1)) / rate) / growth;
}

export function payment(rate: number, periods: number, present: number, future: number, due: number): CellValue {
  if (periods === 0 || rate <= -1) return wrongNumber;
  if (rate === 0) return -(present + future) / periods;
  const growth = (1 + rate) ** periods;
  return (-rate * (present * growth + future)) / ((1 + rate * due) * (growth - 1));
}

function periodCount(rate: number, paid: number, present: number, future: number, due: number): CellValue {
  if (rate === 0) return paid === 0 ? wrongNumber : -(present + future) / paid;
  if (rate <= -1) return wrongNumber;
  const due1 = paid * (1 + rate * due);
  const ratio = (due1 - future * rate) / (present * rate + due1);
  return ratio <= 0 ? wrongNumber : Math.log(ratio) / Math.log1p(rate);
}

/** Interest is what the balance before the period earns; a payment in advance bears none in the first period. */
export function interestPart(
  rate: number,
  period: number,
  periods: number,
  present: number,
  future: number,
  due: number,
): CellValue {
  if (period < 1 || period >= periods + 1) return wrongNumber;
  const paid = payment(rate, periods, present, future, due);
  if (typeof paid !== 'number') return paid;
  if (due === 1 && period === 1) return 0;
  const balance = futureValue(rate, due === 1 ? period - 2 : period - 1, paid, present, due);
  if (typeof balance !== 'number') return balance;
  return due === 1 ? (balance - paid) * rate : balance * rate;
}

function principalPart(
  rate: number,
  period: number,
  periods: number,
  present: number,
  future: number,
  due: number,
): CellValue {
  const paid = payment(rate, periods, present, future, due);
  const interest = interestPart(rate, period, periods, present, future, due);
  if (typeof paid !== 'number') return paid;
  return typeof interest === 'number' ? paid - interest : interest;
}

/** What the payments of a span of periods add up to; parts of periods at its ends are left out. */
function cumulative(part: (rate: number, period: number, periods: number, present: number, due: number) => CellValue) {
  return lifted(
    [strictNumber, strictNumber, strictNumber, strictNumber, strictNumber, strictNumber],
    (rate, periods, present, start, end, due): CellValue => {
      const from = Math.ceil(start);
      const to = Math.floor(end);
      if (rate <= 0 || periods <= 0 || present <= 0 || from < 1 || to < from || to > periods) return wrongNumber;
      if (due !== 0 && due !== 1) return wrongNumber;
      let total = 0;
      for (let period = from; period <= to; period += 1) {
        const value = part(rate, period, periods, present, due);
        if (typeof value !== 'number') return value;
        total += value;
      }
      return total;
    },
  );
}

/** What a period pays back of a loan without a rest: it grows by the rate, and keeps digits that differences lose. */
function repayment(rate: number, period: number, periods: number, present: number, due: number): number {
  const first = (-present * rate) / ((1 + rate) ** periods - 1);
  if (due === 0) return first * (1 + rate) ** (period - 1);
  if (period === 1) return (-present * rate * (1 + rate) ** (periods - 1)) / ((1 + rate) ** periods - 1);
  return first * (1 + rate) ** (period - 2);
}

function rateOf(periods: number, paid: number, present: number, future: number, due: number, guess: number): CellValue {
  if (periods <= 0) return wrongNumber;
  const worth = (rate: number) => {
    if (Math.abs(rate) < 1e-11) return present + paid * periods + future;
    const growth = (1 + rate) ** periods;
    return present * growth + (paid * (1 + rate * due) * (growth - 1)) / rate + future;
  };
  const slope = (rate: number) => {
    const step = 1e-6 * Math.max(1e-2, Math.abs(rate));
    return (worth(rate + step) - worth(rate - step)) / (2 * step);
  };
  return solve(worth, slope, guess, -1) ?? wrongNumber;
}

const due = optional(aNumber, 0);
const zero = optional(aNumber, 0);
const when = (value: number) => (value === 0 ? 0 : 1);

export const annuity: Family = {
  FV: lifted([aNumber, aNumber, aNumber, zero, due], (rate, periods, paid, present, at) =>
    futureValue(rate, periods, paid, present, when(at)),
  ),
  PV: lifted([aNumber, aNumber, aNumber, zero, due], (rate, periods, paid, future, at) =>
    presentValue(rate, periods, paid, future, when(at)),
  ),
  PMT: lifted([aNumber, aNumber, aNumber, zero, due], (rate, periods, present, future, at) =>
    payment(rate, periods, present, future, when(at)),
  ),
  NPER: lifted([aNumber, aNumber, aNumber, zero, due], (rate, paid, present, future, at) =>
    periodCount(rate, paid, present, future, when(at)),
  ),
  RATE: lifted(
    [aNumber, aNumber, aNumber, zero, due, optional(aNumber, 0.1)],
    (periods, paid, present, future, at, guess) => rateOf(periods, paid, present, future, when(at), guess),
  ),
  IPMT: lifted([aNumber, aNumber, aNumber, aNumber, zero, due], (rate, period, periods, present, future, at) =>
    interestPart(rate, period, periods, present, future, when(at)),
  ),
  PPMT: lifted([aNumber, aNumber, aNumber, aNumber, zero, due], (rate, period, periods, present, future, at) =>
    principalPart(rate, period, periods, present, future, when(at)),
  ),
  ISPMT: lifted([aNumber, aNumber, aNumber, aNumber], (rate, period, periods, present) =>
    periods === 0 ? divisionByZero : present * rate * (period / periods - 1),
  ),
  CUMIPMT: cumulative((rate, period, periods, present, at) => interestPart(rate, period, periods, present, 0, at)),
  CUMPRINC: cumulative(repayment),
  EFFECT: lifted([strictNumber, strictInteger], (nominal, periods) =>
    nominal <= 0 || periods < 1 ? wrongNumber : (1 + nominal / periods) ** periods - 1,
  ),
  NOMINAL: lifted([strictNumber, strictInteger], (effective, periods) =>
    effective <= 0 || periods < 1 ? wrongNumber : periods * ((1 + effective) ** (1 / periods) - 1),
  ),
  PDURATION: lifted([aNumber, aNumber, aNumber], (rate, present, future) =>
    rate <= 0 || present <= 0 || future <= 0 ? wrongNumber : (Math.log(future) - Math.log(present)) / Math.log1p(rate),
  ),
  RRI: lifted([aNumber, aNumber, aNumber], (periods, present, future) =>
    periods <= 0 || present === 0 ? wrongNumber : (future / present) ** (1 / periods) - 1,
  ),
  DOLLARDE: lifted([strictNumber, strictInteger], (price, fraction) => dollars(price, fraction, true)),
  DOLLARFR: lifted([strictNumber, strictInteger], (price, fraction) => dollars(price, fraction, false)),
};

/** Prices in 32nds and the like: 1.02 in 16ths is 1 and 2/16. */
function dollars(price: number, fraction: number, toDecimal: boolean): CellValue {
  if (fraction < 0) return wrongNumber;
  if (fraction === 0) return divisionByZero;
  const whole = Math.trunc(price);
  const scale = 10 ** Math.ceil(Math.log10(fraction));
  const part = toDecimal ? ((price - whole) * scale) / fraction : ((price - whole) * fraction) / scale;
  return whole + part;
}

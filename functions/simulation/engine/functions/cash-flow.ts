import type { Call } from '../formula/call.ts';
import { toNumber } from '../formula/coerce.ts';
import { aNumber, anArray, defaulted, type Family, lifted, variadic } from '../formula/definition.ts';
import { power } from '../formula/operators.ts';
import { eachValue, topLeft } from '../formula/ranges.ts';
import { type Argument, divisionByZero, isError, isReference, wrongNumber, wrongValue } from '../formula/value.ts';
import type { CellValue, ErrorValue } from '../workbook/model.ts';
import { numbersAmong } from './numbers.ts';
import { solve } from './solve.ts';

/** Value today of flows at the end of each period. */
function presentValue(rate: number, flows: readonly number[]): number {
  let total = 0;
  for (let index = flows.length - 1; index >= 0; index -= 1) total = (total + (flows[index] ?? 0)) / (1 + rate);
  return total;
}

function netPresentValue(given: readonly Argument[], call: Call): CellValue {
  const rate = toNumber(topLeft(given[0], call), call.reading);
  if (isError(rate)) return rate;
  const flows = numbersAmong(given.slice(1), call);
  if (isError(flows)) return flows;
  return rate === -1 ? divisionByZero : presentValue(rate, flows);
}

function internalRate(values: Argument, guess: number, call: Call): CellValue {
  const flows = numbersAmong([values], call);
  if (isError(flows)) return flows;
  if (!flows.some((flow) => flow > 0) || !flows.some((flow) => flow < 0)) return wrongNumber;
  const worth = (rate: number) => presentValue(rate, flows) * (1 + rate);
  const slope = (rate: number) => {
    let total = 0;
    for (let index = 1; index < flows.length; index += 1)
      total -= (index * (flows[index] ?? 0)) / (1 + rate) ** (index + 1);
    return total;
  };
  return solve(worth, slope, guess, -1) ?? wrongNumber;
}

function modifiedRate(values: Argument, financing: number, reinvesting: number, call: Call): CellValue {
  const flows = numbersAmong([values], call);
  if (isError(flows)) return flows;
  const gains = flows.map((flow) => Math.max(flow, 0));
  const costs = flows.map((flow) => Math.min(flow, 0));
  if (!costs.some(Boolean) || flows.length < 2) return divisionByZero;
  const periods = flows.length - 1;
  // Flows of nothing are left out, since at a rate of -1 they would be 0 divided by 0.
  const moved = (kept: readonly number[], rate: number, by: (index: number) => number) =>
    kept.reduce((total, flow, index) => (flow === 0 ? total : total + flow * (1 + rate) ** by(index)), 0);
  const end = moved(gains, reinvesting, (index) => periods - index);
  const start = moved(costs, financing, (index) => -index);
  const growth = end === 0 ? 0 : power(-end / start, 1 / periods);
  return typeof growth === 'number' ? growth - 1 : growth;
}

type DatedFlows = { readonly flows: readonly number[]; readonly years: readonly number[] };

/** Flows with their distance in years of 365 days from the first date; no date may come before that. */
function datedFlows(values: Argument, dates: Argument, call: Call): DatedFlows | ErrorValue {
  const flows = strictNumbers(values, call);
  const days = strictNumbers(dates, call);
  if (isError(flows)) return flows;
  if (isError(days)) return days;
  if (flows.length !== days.length || flows.length === 0) return wrongNumber;
  const first = Math.floor(days[0] ?? 0);
  const years = days.map((day) => (Math.floor(day) - first) / 365);
  return years.some((year) => year < 0) || days.some((day) => day < 0) ? wrongNumber : { flows, years };
}

function strictNumbers(argument: Argument, call: Call): number[] | ErrorValue {
  const numbers: number[] = [];
  let failed: ErrorValue | undefined;
  eachValue(argument, call, (value) => {
    if (failed) return;
    const number = typeof value === 'boolean' ? wrongValue : toNumber(value, call.reading);
    if (isError(number)) failed = number;
    else numbers.push(number);
  });
  return failed ?? numbers;
}

function datedWorth({ flows, years }: DatedFlows, rate: number): number {
  let total = 0;
  for (let index = 0; index < flows.length; index += 1)
    total += (flows[index] ?? 0) / (1 + rate) ** (years[index] ?? 0);
  return total;
}

function datedPresentValue(rate: number, values: Argument, dates: Argument, call: Call): CellValue {
  // Unlike XIRR, XNPV passes over texts and blanks, and then has too few values for its dates.
  if (isReference(values)) {
    const plain = numbersAmong([values], call);
    const all = strictNumbers(dates, call);
    if (isError(plain)) return plain;
    if (!isError(all) && plain.length !== all.length) return wrongNumber;
  }
  const dated = datedFlows(values, dates, call);
  if (isError(dated)) return dated;
  return rate <= 0 ? wrongNumber : datedWorth(dated, rate);
}

function datedRate(values: Argument, dates: Argument, guess: number, call: Call): CellValue {
  const dated = datedFlows(values, dates, call);
  if (isError(dated)) return dated;
  const { flows, years } = dated;
  if (!flows.some((flow) => flow > 0) || !flows.some((flow) => flow < 0)) return wrongNumber;
  if (guess <= -1) return wrongNumber;
  const slope = (rate: number) => {
    let total = 0;
    for (let index = 0; index < flows.length; index += 1) {
      const year = years[index] ?? 0;
      total -= (year * (flows[index] ?? 0)) / (1 + rate) ** (year + 1);
    }
    return total;
  };
  return solve((rate) => datedWorth(dated, rate), slope, guess, -1) ?? wrongNumber;
}

export const cashFlow: Family = {
  NPV: variadic(2, netPresentValue),
  IRR: lifted([anArray, defaulted(aNumber, 0.1)], internalRate),
  MIRR: lifted([anArray, aNumber, aNumber], modifiedRate),
  XNPV: lifted([aNumber, anArray, anArray], datedPresentValue),
  XIRR: lifted([anArray, anArray, defaulted(aNumber, 0.1)], datedRate),
  FVSCHEDULE: lifted([aNumber, anArray], (principal, schedule, call) => {
    const rates = strictNumbers(schedule, call);
    return isError(rates) ? rates : rates.reduce((worth, rate) => worth * (1 + rate), principal);
  }),
};

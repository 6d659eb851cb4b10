import * as z from 'zod';
import { add, type Decimal, decimal, subtract } from './decimal.ts';

/** An ISO 4217 alphabetic currency code. */
export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as "USD"');

/** An exact amount of one currency. @public */
export const money = z.object({ amount: decimal, currency });
/** @public */
export type Money = z.infer<typeof money>;

/** @public */
export function moneyOf(amount: Decimal, currencyCode: string): Money {
  return { amount, currency: currencyCode };
}

/** Throws a RangeError where the currencies differ: nothing is converted silently. @public */
export function addMoney(left: Money, right: Money): Money {
  return { amount: add(left.amount, right.amount), currency: sameCurrency(left, right) };
}

/** Throws a RangeError where the currencies differ. @public */
export function subtractMoney(left: Money, right: Money): Money {
  return { amount: subtract(left.amount, right.amount), currency: sameCurrency(left, right) };
}

function sameCurrency(left: Money, right: Money): string {
  if (left.currency !== right.currency) throw new RangeError(`${left.currency} and ${right.currency} do not add up`);
  return left.currency;
}

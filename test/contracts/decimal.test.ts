import test from 'ava';
import * as fc from 'fast-check';
import {
  absolute,
  add,
  canonical,
  compare,
  decimal,
  divide,
  fromNumber,
  isMultipleOf,
  multiply,
  negate,
  round,
  roundToMultiple,
  subtract,
  sum,
} from '#contracts/kit/decimal.ts';
import { addMoney, moneyOf, subtractMoney } from '#contracts/kit/money.ts';

/** The model: whole numbers of 10^-12. */
const SCALE = 12;
const units = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });

function text(value: bigint, scale = SCALE): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`;
}

test('sums, differences and products are exact', (t) => {
  fc.assert(
    fc.property(units, units, (left, right) => {
      const [a, b] = [text(left), text(right)];
      return (
        add(a, b) === text(left + right) &&
        subtract(a, b) === text(left - right) &&
        multiply(a, b) === text(left * right, 2 * SCALE) &&
        sum([a, b, a]) === text(2n * left + right)
      );
    }),
  );
  t.pass();
});

test('order, sign and absolute value agree with whole numbers', (t) => {
  fc.assert(
    fc.property(units, units, (left, right) => {
      const [a, b] = [text(left), text(right)];
      const expected = left < right ? -1 : left > right ? 1 : 0;
      return compare(a, b) === expected && negate(negate(a)) === a && absolute(a) === text(left < 0n ? -left : left);
    }),
  );
  t.pass();
});

test('a price rounds to its tick towards the side that is asked for, also below zero', (t) => {
  t.is(roundToMultiple('-36.984', '0.01'), '-36.98');
  t.is(roundToMultiple('-36.984', '0.01', 'down'), '-36.99');
  t.is(roundToMultiple('-36.984', '0.01', 'up'), '-36.98');
  t.is(roundToMultiple('2.125', '0.25', 'down'), '2');
  t.is(roundToMultiple('2.125', '0.25', 'nearest'), '2');
  t.is(roundToMultiple('2.375', '0.25', 'nearest'), '2.5');
  t.true(isMultipleOf('-36.98', '0.01'));
  t.false(isMultipleOf('2.505', '0.01'));
});

test('what is not a decimal is refused', (t) => {
  for (const wrong of ['', 'abc', '1e5', '01', '.5', '5.', '+1', 'NaN', 'Infinity', '1,5', ' 1', `1${'0'.repeat(38)}`])
    t.false(decimal.safeParse(wrong).success, wrong);
  for (const right of ['0', '-0.5', '-36.98', '100', '0.00000001']) t.true(decimal.safeParse(right).success, right);
});

test('texts are canonical: no exponent, no trailing zeros, no negative zero', (t) => {
  t.is(canonical('-0'), '0');
  t.is(canonical('1.500'), '1.5');
  t.is(multiply('0.0000000001', '0.0000000001'), '0.00000000000000000001');
  t.is(divide('1', '3'), '0.33333333333333333333');
  t.is(divide('2', '3'), '0.66666666666666666667');
  t.is(round('0.125', 2), '0.12');
  t.is(fromNumber(1e-7, 8), '0.0000001');
  t.throws(() => fromNumber(Number.NaN, 2), { instanceOf: RangeError });
  t.throws(() => divide('1', '0'));
});

test('amounts of two currencies do not add up', (t) => {
  t.deepEqual(addMoney(moneyOf('0.1', 'USD'), moneyOf('0.2', 'USD')), { amount: '0.3', currency: 'USD' });
  t.deepEqual(subtractMoney(moneyOf('0.1', 'USD'), moneyOf('0.2', 'USD')), { amount: '-0.1', currency: 'USD' });
  t.throws(() => addMoney(moneyOf('1', 'USD'), moneyOf('1', 'EUR')), { instanceOf: RangeError });
});

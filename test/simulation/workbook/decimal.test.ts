import test from 'ava';
import fc from 'fast-check';
import { numberOf } from '../../../functions/simulation/engine/workbook/decimal.ts';

const read = (text: string) => numberOf(Buffer.from(`>${text}<`), 1, text.length + 1);

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${most}}$`));
const spelled = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits(20),
    fc.option(digits(22)),
    fc.option(fc.tuple(fc.constantFrom('E', 'e'), fc.constantFrom('', '-', '+'), fc.integer({ min: 0, max: 400 }))),
  )
  .map(([sign, whole, fraction, exponent]) => {
    const point = fraction === null ? '' : `.${fraction}`;
    return `${sign}${whole}${point}${exponent === null ? '' : exponent.join('')}`;
  })
  .filter((text) => /\d/.test(text.split(/e/i)[0] ?? ''));

test('a number is the double nearest to its digits, as the language itself reads it', (t) => {
  fc.assert(
    fc.property(spelled, (text) => {
      t.is(read(text), Number(text), text);
    }),
    { numRuns: 5_000 },
  );
});

test('every double survives being written with seventeen digits, with fifteen and in full', (t) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e25, max: 1e25 }), (number) => {
      for (const text of [String(number), number.toPrecision(17), number.toPrecision(15), number.toExponential(16)]) {
        t.is(read(text), Number(text), text);
      }
    }),
    { numRuns: 5_000 },
  );
});

test('numbers halfway between two doubles, and beside it, round as they must', (t) => {
  const middles = [
    '9007199254740993',
    '90071992547409930',
    '9007199254740992.5',
    '900719925474099.25',
    '4503599627370496.5',
    '0.50000000000000005',
    '1.00000000000000011',
    '1.00000000000000022',
    '5.0000000000000001E-2',
    '72057594037927945',
    '99999999999999999',
    '0.000000000000000000000012345678901234567',
  ];
  for (const text of middles) t.is(read(text), Number(text), text);
});

test('what is no decimal number is none', (t) => {
  for (const text of ['', '-', '.', '1.2.3', '0x10', 'NaN', 'Infinity', '1E', '1E+', '1e5x', ' 1', '1,5', '--1']) {
    t.is(read(text), Number.NaN, text);
  }
});

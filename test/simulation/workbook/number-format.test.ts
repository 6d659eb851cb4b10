import test from 'ava';
import { isDateFormat } from '../../../functions/simulation/engine/workbook/number-format.ts';

test('formats that show a date or a time are told from those that show a number', (t) => {
  for (const code of [
    'yyyy-mm-dd',
    'm/d/yyyy h:mm',
    '[h]:mm:ss',
    'mmm-yy',
    '[$-409]d-mmm;@',
    'mm:ss.0',
    'h:mm AM/PM',
  ]) {
    t.true(isDateFormat(code), code);
  }
  for (const code of [
    'General',
    '0.00%',
    '#,##0',
    '0.00 "days"',
    '[Red]0.0',
    '# \\d',
    '@',
    '[$USD] #,##0',
    '0.00E+00',
  ]) {
    t.false(isDateFormat(code), code);
  }
});

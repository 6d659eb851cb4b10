import { digitsText, isDigit, literal, writeWhole } from './number-digits.ts';
import { roundTo } from './rounding.ts';

/** The exponent steps by the number of whole places: ##0.0E+0 keeps it a multiple of three. */
export function scientificText(size: number, tokens: readonly string[], exponentAt: number): string {
  // A comma right before the power does not divide, and the last whole place always shows a digit.
  const before = tokens.slice(0, exponentAt);
  const lastDigit = before.findLastIndex(isDigit);
  const mantissa = certain(
    before.filter((part, index) => part !== ',' || index < lastDigit),
    (parts) => (parts.includes('.') ? parts.indexOf('.') : parts.length),
  );
  const point = mantissa.indexOf('.');
  const places = Math.max(1, mantissa.slice(0, point < 0 ? undefined : point).filter(isDigit).length);
  const decimals = point < 0 ? 0 : mantissa.slice(point).filter(isDigit).length;
  let exponent = size === 0 ? 0 : Math.floor(Math.log10(Number(size.toPrecision(15))) / places) * places;
  if (size !== 0 && roundTo(size / 10 ** exponent, decimals) >= 10 ** places) exponent += places;
  const scaled = exponent < 0 ? size * 10 ** -exponent : size / 10 ** exponent;
  return `${digitsText(scaled, mantissa)}${tokens[exponentAt]?.charAt(0)}${powerText(exponent, tokens, exponentAt)}`;
}

/** The sign stands right before the power's digits, whatever lies between them and the letter. */
function powerText(exponent: number, tokens: readonly string[], exponentAt: number): string {
  const sign = exponent < 0 ? '-' : tokens[exponentAt]?.endsWith('+') ? '+' : '';
  const after = certain(
    tokens.slice(exponentAt + 1).filter((part) => part !== ','),
    (parts) => parts.length,
  );
  const first = after.findIndex(isDigit);
  const last = after.findLastIndex(isDigit);
  if (first < 0) return sign + after.map(literal).join('');
  const lead = after.slice(0, first).map(literal).join('');
  const rest = after
    .slice(last + 1)
    .map(literal)
    .join('');
  return `${lead}${sign}${writeWhole(String(Math.abs(exponent)), after.slice(first, last + 1), false)}${rest}`;
}

/** The tokens with the last digit place before an end made one that always shows. */
function certain(tokens: readonly string[], end: (tokens: readonly string[]) => number): string[] {
  const last = tokens.slice(0, end(tokens)).findLastIndex(isDigit);
  return tokens.map((part, index) => (index === last && part === '#' ? '0' : part));
}

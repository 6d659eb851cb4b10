import { roundTo } from './rounding.ts';

/** What a token that is no placeholder writes. */
export function literal(part: string): string {
  if (part.startsWith('"')) return part.slice(1, -1);
  if (part.startsWith('\\')) return part.slice(1);
  if (part.startsWith('_')) return ' ';
  if (part.startsWith('*')) return '';
  if (part.startsWith('[')) return /^\[\$([^\]-]*)/.exec(part)?.[1] ?? '';
  return part;
}

/** A digit, one shown only where there is one, or one whose place is kept by a blank. */
export function isDigit(part: string): boolean {
  return part === '0' || part === '#' || part === '?';
}

/** Placeholders before and after the point; commas after the last digit divide by a thousand each. */
export function digitsText(size: number, tokens: readonly string[]): string {
  const point = tokens.indexOf('.');
  const wholeEnd = point < 0 ? tokens.length : point;
  const lastDigit = tokens.findLastIndex(isDigit);
  if (lastDigit < 0) return tokens.map(literal).join('');
  let thousands = 0;
  for (let at = lastDigit + 1; tokens[at] === ','; at += 1) thousands += 1;
  const lastWhole = tokens.slice(0, wholeEnd).findLastIndex(isDigit);
  if (point >= 0) for (let at = lastWhole + 1; at < point && tokens[at] === ','; at += 1) thousands += 1;
  const firstDigit = tokens.findIndex(isDigit);
  const groups = tokens.some((part, at) => part === ',' && at > firstDigit && at < lastWhole);
  const decimals = point < 0 ? 0 : tokens.slice(point).filter(isDigit).length;
  const rounded = roundTo(size / 1_000 ** thousands, decimals);
  const [whole = '', part = ''] = rounded
    .toLocaleString('en-US', {
      useGrouping: false,
      minimumFractionDigits: Math.min(decimals, 30),
      maximumFractionDigits: Math.min(decimals, 30),
    })
    .split('.');
  return (
    writeWhole(whole === '0' ? '' : whole, tokens.slice(0, wholeEnd), groups) +
    writeDecimals(part, point < 0 ? [] : tokens.slice(point))
  );
}

/** Digits into placeholders from the right; what is left over goes to the first one. */
export function writeWhole(digits: string, tokens: readonly string[], groups: boolean): string {
  const places = tokens.filter(isDigit).length;
  let rest = digits;
  let written = '';
  let count = 0;
  const put = (character: string) => {
    if (groups && count > 0 && count % 3 === 0 && character !== '') written = `,${written}`;
    written = character + written;
    count += 1;
  };
  let left = places;
  for (const part of [...tokens].reverse()) {
    if (!isDigit(part)) {
      // A comma groups among the digits; before them all it is itself.
      if (part !== ',' || (left === 0 && places > 0)) written = literal(part) + written;
      continue;
    }
    left -= 1;
    const taken = left === 0 ? rest : rest.slice(-1);
    rest = left === 0 ? '' : rest.slice(0, -1);
    if (taken === '') {
      if (part === '0') put('0');
      else if (part === '?') {
        // The blank of a place takes the blank of its comma with it.
        if (groups && count > 0 && count % 3 === 0) written = ` ${written}`;
        written = ` ${written}`;
        count += 1;
      }
    } else {
      for (const digit of [...taken].reverse()) put(digit);
    }
  }
  return places === 0 ? written + digits : written;
}

function writeDecimals(digits: string, tokens: readonly string[]): string {
  const places = tokens.filter(isDigit);
  let kept = digits.length;
  while (kept > 0 && digits.charAt(kept - 1) === '0' && places[kept - 1] !== '0') kept -= 1;
  let at = 0;
  return tokens
    .map((part) => {
      if (part === ',') return '';
      if (!isDigit(part)) return literal(part);
      at += 1;
      if (at <= kept) return digits.charAt(at - 1);
      return part === '?' ? ' ' : '';
    })
    .join('');
}

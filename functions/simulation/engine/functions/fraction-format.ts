import { isDigit, literal, writeWhole } from './number-digits.ts';

/** A format with "/": what leads, the whole number's places, what parts it, the fraction, what follows. */
type Parts = {
  readonly lead: readonly string[];
  readonly whole: readonly string[];
  readonly between: readonly string[];
  readonly top: readonly string[];
  readonly bar: readonly string[];
  readonly bottom: readonly string[];
  readonly rest: readonly string[];
};

/** "# ?/?" and "# ??/16": the nearest fraction with so many digits, or with the denominator given. */
export function fractionText(size: number, tokens: readonly string[]): string {
  const parts = partsOf(tokens);
  const hasWhole = parts.whole.length > 0;
  const given = parts.bottom.some((part) => /[1-9]/.test(part)) ? Number(parts.bottom.join('')) : undefined;
  const part = hasWhole ? size - Math.floor(size) : size;
  const [top, bottom] =
    given === undefined ? nearestFraction(part, 10 ** parts.bottom.length - 1) : [Math.round(part * given), given];
  const isCarried = hasWhole && top === bottom;
  const whole = Math.floor(size) + (isCarried ? 1 : 0);
  const rest = parts.rest.map(literal).join('');
  const lead = parts.lead.map(literal).join('');
  if (!hasWhole) return lead + ratio(parts, top, bottom, given) + rest;
  if ((top === 0 || isCarried) && !parts.top.includes('0')) {
    const isPadded = [...parts.whole, ...parts.top, ...parts.bottom].includes('?');
    const shown = writeWhole(String(whole), parts.whole, false);
    const hidden = parts.between.map(literal).join('').length + ratio(parts, 0, 1, given).length;
    return lead + shown + (isPadded ? ' '.repeat(hidden) : '') + rest;
  }
  const shown = writeWhole(whole === 0 ? '' : String(whole), parts.whole, false);
  const between = parts.between.map(literal).join('');
  // Before a fraction alone its parting goes, or leaves blanks where the format keeps places with "?".
  const isBlank = shown.trim() === '';
  const keepsPlace = shown !== '' || parts.top.includes('?');
  const parting = isBlank ? (keepsPlace ? ' '.repeat(between.length) : '') : between;
  return lead + shown + parting + ratio(parts, isCarried ? 0 : top, bottom, given) + rest;
}

function ratio(
  { top: places, bar, bottom: below }: Parts,
  top: number,
  bottom: number,
  given: number | undefined,
): string {
  const denominator = given === undefined ? leftAligned(String(bottom), below) : String(given);
  return `${writeWhole(String(top), places, false)}${bar.map(literal).join('')}${denominator}`;
}

/** Denominators begin at the bar: their blanks come after them. */
function leftAligned(digits: string, places: readonly string[]): string {
  const missing = places.slice(digits.length);
  return digits + missing.map((place) => (place === '?' ? ' ' : '')).join('');
}

function partsOf(tokens: readonly string[]): Parts {
  const slash = tokens.indexOf('/');
  const topEnd = tokens.slice(0, slash).findLastIndex(isDigit) + 1;
  const topStart = runStart(tokens, topEnd);
  const wholeEnd = tokens.slice(0, topStart).findLastIndex(isDigit) + 1;
  const wholeStart = wholeEnd === 0 ? topStart : runStart(tokens, wholeEnd);
  const isPlace = (part: string) => isDigit(part) || /^[1-9]$/.test(part);
  const bottomStart = slash + 1 + Math.max(0, tokens.slice(slash + 1).findIndex(isPlace));
  let bottomEnd = bottomStart;
  while (bottomEnd < tokens.length && isPlace(tokens[bottomEnd] ?? '')) bottomEnd += 1;
  return {
    lead: tokens.slice(0, wholeStart),
    whole: wholeEnd === 0 ? [] : tokens.slice(wholeStart, wholeEnd),
    between: wholeEnd === 0 ? [] : tokens.slice(wholeEnd, topStart),
    top: tokens.slice(topStart, topEnd),
    bar: tokens.slice(topEnd, bottomStart),
    bottom: tokens.slice(bottomStart, bottomEnd),
    rest: tokens.slice(bottomEnd),
  };
}

function runStart(tokens: readonly string[], end: number): number {
  let start = end;
  while (start > 0 && isDigit(tokens[start - 1] ?? '')) start -= 1;
  return start;
}

function nearestFraction(value: number, largest: number): [number, number] {
  let best: [number, number] = [Math.round(value), 1];
  for (let bottom = 1; bottom <= largest; bottom += 1) {
    const top = Math.round(value * bottom);
    if (Math.abs(top / bottom - value) < Math.abs(best[0] / best[1] - value) - 1e-15) best = [top, bottom];
  }
  return best;
}

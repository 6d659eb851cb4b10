import { generalText } from '../formula/coerce.ts';
import type { DateSystem } from '../formula/dates.ts';
import { dateText, isDateFormat } from './date-format.ts';
import { fractionText } from './fraction-format.ts';
import { digitsText, isDigit, literal } from './number-digits.ts';
import { scientificText } from './scientific-format.ts';

/** One part of a format: between semicolons, with its condition if it has one. */
type Section = { readonly tokens: readonly string[]; readonly condition: ((value: number) => boolean) | undefined };

const token = /"[^"]*"|\\[\s\S]|_[\s\S]|\*[\s\S]|\[[^\]]*\]|General|AM\/PM|A\/P|E[+-]|[\s\S]/giy;

/** A value written by a number format, as TEXT writes it; undefined where the format is none. */
export function formatValue(value: number | string, format: string, system: DateSystem): string | undefined {
  const sections = sectionsOf(format);
  if (sections === undefined) return undefined;
  // A lone condition that does not hold leaves the number to General.
  if (typeof value === 'number' && sections.length === 1 && sections[0]?.condition?.(value) === false) {
    return `${value < 0 ? '-' : ''}${generalDisplay(Math.abs(value))}`;
  }
  if (typeof value === 'string') return formatText(value, sections);
  const [section, isSigned] = sectionFor(value, sections);
  if (section === undefined) return '#'.repeat(8);
  if (isDateFormat(section.tokens)) {
    // Digits have no place in a date but after the point of its seconds.
    if (section.tokens.some((part) => part === '#' || part === '?')) return undefined;
    // Only the 1904 system has times before its beginning.
    if (value < 0 && system === 1904) return `-${dateText(-value, section.tokens, system)}`;
    return dateText(value, section.tokens, system);
  }
  const written = numberText(Math.abs(value), section.tokens);
  // A negative number that rounds to zero loses its sign.
  return isSigned && value < 0 && /[1-9]/.test(written) ? `-${written}` : written;
}

function sectionsOf(format: string): Section[] | undefined {
  const sections: string[][] = [[]];
  for (const [part] of format.matchAll(token)) {
    if (part === ';') sections.push([]);
    else sections.at(-1)?.push(part);
  }
  if (sections.length > 4) return undefined;
  return sections.map((parts) => {
    const written = parts.find((part) => /^\[(?:[<>=])/.test(part));
    return {
      tokens: parts.filter(
        (part) =>
          part !== written && !/^\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]$/i.test(part),
      ),
      condition: written === undefined ? undefined : conditionOf(written),
    };
  });
}

function conditionOf(written: string): ((value: number) => boolean) | undefined {
  const [, operator, operand] = /^\[(<=|>=|<>|<|>|=)\s*(-?[\d.]+)\]$/.exec(written) ?? [];
  const number = Number(operand);
  const tests: Readonly<Record<string, (value: number) => boolean>> = {
    '<': (value) => value < number,
    '<=': (value) => value <= number,
    '>': (value) => value > number,
    '>=': (value) => value >= number,
    '=': (value) => value === number,
    '<>': (value) => value !== number,
  };
  return tests[operator ?? ''];
}

/** The section for a number, and whether it must write the minus sign itself. */
function sectionFor(value: number, sections: readonly Section[]): [Section | undefined, boolean] {
  const numeric = sections.length === 4 ? sections.slice(0, 3) : sections;
  if (numeric.some((section) => section.condition)) {
    const chosen =
      numeric.find((section) => section.condition?.(value)) ?? numeric.find((section) => !section.condition);
    return [chosen, true];
  }
  const [positive, negative, zero] = numeric;
  if (value < 0 && negative) return [negative, false];
  if (value === 0 && zero) return [zero, false];
  return [positive, true];
}

function formatText(value: string, sections: readonly Section[]): string {
  const section = sections[3] ?? sections.find((candidate) => candidate.tokens.includes('@'));
  if (!section) return value;
  return section.tokens.map((part) => (part === '@' ? value : literal(part))).join('');
}

/** General as a cell shows it: eleven characters, or six digits and a power of ten (Excel's default width rule). */
function generalDisplay(size: number): string {
  if (size === 0) return '0';
  const digits = Math.floor(Math.log10(size)) + 1;
  const fixed = Number(size.toFixed(Math.max(0, 10 - Math.max(1, digits))));
  const losesDigits = size < 1e-4 && fixed !== Number(size.toPrecision(10));
  if (size < 1e11 - 0.5 && !losesDigits) return generalText(fixed);
  const [mantissa = '', exponent = '0'] = size.toExponential(5).split('e');
  const power = Number(exponent);
  return `${Number(mantissa)}E${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function numberText(size: number, tokens: readonly string[]): string {
  const general = tokens.find((part) => part.toLowerCase() === 'general');
  if (general) return tokens.map((part) => (part === general ? generalDisplay(size) : literal(part))).join('');
  if (tokens.includes('@') && !tokens.some(isDigit)) {
    return tokens.map((part) => (part === '@' ? generalDisplay(size) : literal(part))).join('');
  }
  if (tokens.includes('/') && tokens.some(isDigit)) return fractionText(size, tokens);
  const exponentAt = tokens.findIndex((part) => /^E[+-]$/i.test(part));
  if (exponentAt >= 0) return scientificText(size, tokens, exponentAt);
  const percents = tokens.filter((part) => part === '%').length;
  return digitsText(size * 100 ** percents, tokens);
}

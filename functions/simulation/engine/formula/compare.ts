import type { CellValue } from '../workbook/model.ts';
import { fifteenDigits } from './coerce.ts';

const collator = new Intl.Collator('en', { sensitivity: 'accent', caseFirst: 'false' });

/** Chinese characters by their sound, as Excel orders them in Chinese; other writing is ordered alike by both. */
const chinese = new Intl.Collator('zh-u-co-pinyin', { sensitivity: 'accent', caseFirst: 'false' });

/** Whether two numbers are the same to Excel, which compares 15 significant digits. */
export function sameNumber(a: number, b: number): boolean {
  if (a === b) return true;
  if (Math.abs(a - b) > Math.max(Math.abs(a), Math.abs(b)) * 1e-14) return false;
  return fifteenDigits(a) === fifteenDigits(b);
}

export function compareNumbers(a: number, b: number): number {
  if (sameNumber(a, b)) return 0;
  return a < b ? -1 : 1;
}

/** Texts without regard to case. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (isPlain(a) && isPlain(b)) return comparePlain(a, b);
  return (isHan(a) && isHan(b) ? chinese : collator).compare(a, b);
}

export function sameText(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toUpperCase() === b.toUpperCase());
}

/** Letters and digits order alike by code and by collation; punctuation does not. */
function isPlain(text: string): boolean {
  return /^[A-Za-z0-9 ]*$/.test(text);
}

function isHan(text: string): boolean {
  return /^\p{Script=Han}/u.test(text);
}

function comparePlain(a: string, b: string): number {
  const upperA = a.toUpperCase();
  const upperB = b.toUpperCase();
  if (upperA === upperB) return 0;
  return upperA < upperB ? -1 : 1;
}

/** Errors are not ordered: callers hand them on before they compare. Numbers come before texts, texts before truths. */
export function compareValues(a: CellValue, b: CellValue): number {
  const left = a === null ? blankLike(b) : a;
  const right = b === null ? blankLike(a) : b;
  if (typeof left === 'number' && typeof right === 'number') return compareNumbers(left, right);
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return rank(left) - rank(right);
}

/** A blank takes its neighbour's kind: 0, "" or FALSE. */
function blankLike(other: CellValue): CellValue {
  if (typeof other === 'string') return '';
  return typeof other === 'boolean' ? false : 0;
}

function rank(value: CellValue): number {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string') return 1;
  return typeof value === 'boolean' ? 2 : 3;
}

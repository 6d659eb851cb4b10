import { code, isAt } from './bytes.ts';
import { foreign, incomplete } from './skim.ts';

/** The first byte of an attribute's value; its name lies at `at`. */
export function valueStart(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isNameByte(bytes[at] ?? 0)) at += 1;
  if (at + 1 >= bytes.length) return incomplete;
  const quote = bytes[at + 1];
  if (at === from || bytes[at] !== code.equals || (quote !== code.quote && quote !== code.apostrophe)) return foreign;
  return at + 2;
}

/** Where the quote lies that ends a value; the one that began it is before `from`. */
export function valueEnd(bytes: Buffer, from: number): number {
  const quote = bytes[from - 1];
  let at = from;
  while (at < bytes.length && bytes[at] !== quote && bytes[at] !== code.less) at += 1;
  if (at >= bytes.length) return incomplete;
  return bytes[at] === quote ? at : foreign;
}

function isNameByte(byte: number): boolean {
  return (
    (byte >= code.lowerA && byte <= code.lowerZ) ||
    (byte >= code.upperA && byte <= code.upperZ) ||
    byte === code.colon ||
    isDigit(byte)
  );
}

function isDigit(byte: number): boolean {
  return byte >= code.zero && byte <= code.nine;
}

/** Where the next "<" lies, or the end. */
export function textEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== code.less) at += 1;
  return at;
}

export function afterTag(bytes: Buffer, at: number, tag: string): number {
  if (at + tag.length > bytes.length) return incomplete;
  return isAt(bytes, at, tag) ? at + tag.length : foreign;
}

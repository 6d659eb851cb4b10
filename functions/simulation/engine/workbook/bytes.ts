/** The characters that scanners look for, by their code. */
export const code = {
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  ampersand: 0x26,
  apostrophe: 0x27,
  plus: 0x2b,
  minus: 0x2d,
  point: 0x2e,
  slash: 0x2f,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  less: 0x3c,
  equals: 0x3d,
  greater: 0x3e,
  upperA: 0x41,
  upperE: 0x45,
  upperZ: 0x5a,
  lowerA: 0x61,
  lowerE: 0x65,
  lowerZ: 0x7a,
} as const;

const entity = /&(?:amp|lt|gt|quot|apos);/g;
const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

/** Whether `word` (ASCII) lies at a position. */
export function isAt(bytes: Buffer, at: number, word: string): boolean {
  for (let index = 0; index < word.length; index += 1) {
    if (bytes[at + index] !== word.charCodeAt(index)) return false;
  }
  return true;
}

export function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== code.space && byte !== code.newline && byte !== code.tab && byte !== code.carriageReturn) return at;
    at += 1;
  }
}

/**
 * Text between tags or quotes. Undefined for what only a whole XML parser should judge: references to characters,
 * carriage returns (which XML normalises), control characters, bytes that are not UTF-8.
 */
export function textOf(bytes: Buffer, from: number, to: number): string | undefined {
  let plain = true;
  let references = false;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80) plain = false;
    else if (byte === code.ampersand) references = true;
    else if (byte < code.space && byte !== code.newline && byte !== code.tab) return undefined;
  }
  const text = bytes.toString(plain ? 'latin1' : 'utf8', from, to);
  if (!plain && text.includes('\ufffd')) return undefined;
  if (!references) return text;
  const known = text.match(entity)?.length ?? 0;
  if (known !== text.split('&').length - 1) return undefined;
  return text.replace(entity, (name) => entities[name] ?? name);
}

/** A whole number of at most nine digits; -1 for anything else. */
export function indexOf(bytes: Buffer, from: number, to: number): number {
  if (to <= from || to - from > 9) return -1;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - code.zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

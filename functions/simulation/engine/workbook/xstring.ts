const escaped = /_x([0-9A-Fa-f]{4})_/g;

/** Undoes ST_Xstring's escapes, "_x000D_" for a carriage return (ECMA-376 part 1, 22.9.2.19). */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(escaped, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

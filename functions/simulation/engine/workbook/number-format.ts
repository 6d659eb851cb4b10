/** What in a format code is no date even where it has a date's letters: quoted text, escaped characters, colours. */
const literal = /"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi;

/** Whether a number format shows a date or a time (ECMA-376 part 1, 18.8.31): "yyyy-mm-dd", "[h]:mm", not "0.00 \d". */
export function isDateFormat(code: string): boolean {
  const [positive = ''] = code.split(';');
  const plain = positive.replace(literal, '').toLowerCase();
  return /[ymdhs]/.test(plain) && !/general|[#?]/.test(plain);
}

/** A regular expression as XMATCH and the REGEX functions take it; undefined where it is none. */
export function expressionOf(pattern: string, ignoresCase: number, flags = ''): RegExp | undefined {
  try {
    return new RegExp(pattern, `u${ignoresCase === 1 ? 'i' : ''}${flags}`);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

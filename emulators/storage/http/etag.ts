/** The tag of a metageneration, or of any small counter: the service's own begin the same way. */
export function etagOf(count: number): string {
  const bytes = [0x08];
  let rest = count;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]).toString('base64');
}

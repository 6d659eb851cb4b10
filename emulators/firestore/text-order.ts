/**
 * Orders two strings as their UTF-8 bytes: by code point. UTF-16 code units agree with that except that surrogates,
 * which stand for the highest code points, lie below U+E000 to U+FFFF.
 */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const at = firstDifference(left, right);
  if (at === Math.min(left.length, right.length)) return left.length - right.length;
  return weight(left.charCodeAt(at)) - weight(right.charCodeAt(at));
}

/**
 * Orders two resource names segment by segment; an id of the form `__id7__` is a number, and lies before all names.
 * `common` is how much of the two is known to be the same.
 */
export function compareNames(left: string, right: string, common = 0): number {
  if (left === right) return 0;
  const at = firstDifference(left, right, common);
  const start = Math.max(left.lastIndexOf('/', at - 1), at === 0 ? -1 : right.lastIndexOf('/', at - 1)) + 1;
  const mine = segmentAt(left, start);
  const theirs = segmentAt(right, start);
  if (mine === theirs) return left.length - right.length;
  const myNumber = numericId(mine);
  const theirNumber = numericId(theirs);
  if (myNumber !== undefined && theirNumber !== undefined) return myNumber < theirNumber ? -1 : 1;
  if (myNumber !== undefined) return -1;
  if (theirNumber !== undefined) return 1;
  return compareText(mine, theirs);
}

function firstDifference(left: string, right: string, common = 0): number {
  const length = Math.min(left.length, right.length);
  let at = common;
  while (at < length && left.charCodeAt(at) === right.charCodeAt(at)) at++;
  return at;
}

function weight(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function segmentAt(name: string, start: number): string {
  const end = name.indexOf('/', start);
  return end < 0 ? name.slice(start) : name.slice(start, end);
}

function numericId(segment: string): bigint | undefined {
  const digits = segment.startsWith('__id') ? /^__id(-?\d+)__$/.exec(segment)?.[1] : undefined;
  return digits === undefined ? undefined : BigInt(digits);
}

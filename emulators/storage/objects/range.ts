import { Refusal } from '../http/refusal.ts';

/** The bytes [start, end). */
export interface ByteRange {
  start: number;
  end: number;
}

/** The one range that a Range header asks for (RFC 9110, 14.1.2); undefined for all: no header, several ranges, or none that is well-formed. */
export function requestedRange(header: string | undefined, size: number): ByteRange | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (found === null) return undefined;
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return undefined;
  if (first === '') return satisfiable({ start: Math.max(0, size - Number(last)), end: size }, size);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return satisfiable({ start: Number(first), end }, size);
}

function satisfiable(range: ByteRange, size: number): ByteRange {
  if (range.start < size && range.end > range.start) return range;
  throw new UnsatisfiableRange(size);
}

/** 416 says how many bytes there are. */
export class UnsatisfiableRange extends Refusal {
  readonly size: number;

  constructor(size: number) {
    super(416, 'requestedRangeNotSatisfiable', 'The requested range cannot be satisfied.', { xmlCode: 'InvalidRange' });
    this.size = size;
  }
}

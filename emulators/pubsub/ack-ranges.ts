import type { AckRange } from './record.ts';

/** The parts of a batch inside the ranges, as [from, to) indexes. `ranges` is what `merged` returned. */
export function runsWithin(start: number, batchCount: number, ranges: readonly AckRange[]): [number, number][] {
  const runs: [number, number][] = [];
  const end = start + batchCount;
  for (let index = firstTouching(ranges, start); index < ranges.length; index++) {
    const { first, count } = ranges[index] as AckRange;
    if (first >= end) break;
    runs.push([Math.max(first, start) - start, Math.min(first + count, end) - start]);
  }
  return runs;
}

/** The parts of a batch outside the acknowledged ranges, as [from, to) indexes. `acked` is what `merged` returned. */
export function unackedRuns(start: number, batchCount: number, acked: readonly AckRange[]): [number, number][] {
  const runs: [number, number][] = [];
  const end = start + batchCount;
  let at = start;
  for (let index = firstTouching(acked, at); index < acked.length; index++) {
    const { first, count } = acked[index] as AckRange;
    if (first >= end) break;
    if (first > at) runs.push([at - start, first - start]);
    at = Math.max(at, first + count);
  }
  if (at < end) runs.push([at - start, batchCount]);
  return runs;
}

/** Index of the first range that reaches past `sequence`, by binary search. */
function firstTouching(acked: readonly AckRange[], sequence: number): number {
  let low = 0;
  let high = acked.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { first, count } = acked[middle] as AckRange;
    if (first + count <= sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Consecutive runs of sorted numbers. */
export function toRanges(sequences: Float64Array): AckRange[] {
  const ranges: AckRange[] = [];
  let last: AckRange | undefined;
  for (const sequence of sequences) {
    if (last !== undefined && sequence === last.first + last.count) last.count++;
    else if (last === undefined || sequence > last.first + last.count) {
      last = { first: sequence, count: 1 };
      ranges.push(last);
    }
  }
  return ranges;
}

/** The same ranges in order and without overlaps: segments that were rewritten state some acks twice. */
export function merged(ranges: AckRange[]): AckRange[] {
  const result: AckRange[] = [];
  let last: AckRange | undefined;
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    if (last !== undefined && range.first <= last.first + last.count)
      last.count = Math.max(last.count, range.first + range.count - last.first);
    else {
      last = { ...range };
      result.push(last);
    }
  }
  return result;
}

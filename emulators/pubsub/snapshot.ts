import { runsWithin } from './ack-ranges.ts';
import type { SnapshotDefinition } from './definitions.ts';
import type { Batch } from './message-store.ts';
import type { AckRange } from './record.ts';

/** What a subscription had yet to acknowledge when the snapshot was made; everything published since then belongs to it. */
export type Snapshot = SnapshotDefinition;

/** The oldest message that the snapshot keeps. */
export function oldestSequence({ fromSequence, unacked }: Snapshot): number {
  return Math.min(fromSequence, unacked[0]?.first ?? fromSequence);
}

/** The parts of a batch that are unacknowledged in the snapshot, as [from, to) indexes. */
export function snapshotRuns({ fromSequence, unacked }: Snapshot, batch: Batch): [number, number][] {
  if (batch.firstSequence >= fromSequence) return [[0, batch.count]];
  return runsWithin(batch.firstSequence, batch.count, unacked);
}

/** Sequences of the runs, in order and joined where they touch. */
export function sequencesOf(runs: Iterable<{ batch: Batch; from: number; to: number }>): AckRange[] {
  const all = [...runs].sort((a, b) => a.batch.firstSequence + a.from - (b.batch.firstSequence + b.from));
  const ranges: AckRange[] = [];
  for (const { batch, from, to } of all) {
    const first = batch.firstSequence + from;
    const last = ranges.at(-1);
    if (last !== undefined && first === last.first + last.count) last.count += to - from;
    else ranges.push({ first, count: to - from });
  }
  return ranges;
}

import { now } from '../clock.ts';
import { merged } from './ack-ranges.ts';
import { Log, type LogOptions, type Place, type Written } from './log.ts';
import { messageSpans } from './message-wire.ts';
import type { AckRange, PublishRecord } from './record.ts';
import {
  ackRecord,
  attemptsRecord,
  HEAD_BYTES,
  PUBLISH_RAW_OFFSET,
  publishRecord,
  RecordType,
  readAcks,
  readAttempts,
  readPublish,
} from './record.ts';
import type { Segment, Warn } from './segment.ts';

export interface StoreLimits {
  /** Small enough that moving the live messages of one segment to the end stops the loop for a few milliseconds only. */
  segmentBytes: number;
  /** Payloads kept in memory, whatever the backlog: what does not fit is read back from the log when its turn comes. */
  residentBytes: number;
  /** Dead bytes kept however little is live: below this, moving messages costs more than the disk is worth. */
  slackBytes: number;
}

const MIB = 1024 * 1024;
/** What a batch in memory takes besides its bytes: the buffer, its offsets and where they are kept (measured: 0.5 to 1 KB). */
const RESIDENT_OVERHEAD_BYTES = 1024;
const DEFAULT_LIMITS: StoreLimits = { segmentBytes: 32 * MIB, residentBytes: 64 * MIB, slackBytes: 128 * MIB };

/** The messages of one publish request: the unit that is logged, kept in memory and let go. */
export interface Batch extends PublishRecord {
  segment: Segment;
  /** Where the request's bytes start in the segment, and how many they are. */
  offset: number;
  length: number;
  /** The request as it came, while it is in memory. */
  raw: Buffer | undefined;
  spans: number[] | undefined;
  /** Messages × subscriptions that have not acknowledged yet. */
  pending: number;
}

/** What a subscription is known to have done with its messages, as the log tells it. */
export interface Progress {
  acked: AckRange[];
  attempts: Map<number, number>;
}

interface Restored {
  /** Every batch in the log, in publish order. */
  batches: Batch[];
  progress: Map<number, Progress>;
}

interface MessageStoreOptions {
  directory: string;
  fsync: boolean;
  warn: Warn;
  onRotate: () => void;
  limits?: Partial<StoreLimits> | undefined;
}

/** Messages on disk, with a bounded part of them in memory. */
export class MessageStore {
  readonly log: Log;
  readonly limits: StoreLimits;
  /** Messages before this one were written and offered to whom they are for, or refused. */
  settledSequence: number;
  /** Batches whose payload is in memory, the longest untouched first. */
  #resident = new Set<Batch>();
  /** Batches that somebody has yet to acknowledge, oldest first. */
  #live = new Set<Batch>();
  #residentBytes = 0;
  #removals = new Set<Promise<void>>();
  #restored: Restored;
  #warn: Warn;

  constructor(options: MessageStoreOptions) {
    this.#warn = options.warn;
    const restoring = new Restoring();
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    const logOptions: LogOptions = { ...options, segmentBytes: this.limits.segmentBytes };
    this.log = new Log(logOptions, (type, payload, segment, offset) => restoring.read(type, payload, segment, offset));
    this.#restored = restoring.finish();
    this.log.nextSequence = Math.max(this.log.nextSequence, restoring.nextSequence);
    this.settledSequence = this.log.nextSequence;
  }

  /** What the log held when it was opened; once. */
  takeRestored(): Restored {
    const restored = this.#restored;
    this.#restored = { batches: [], progress: new Map() };
    return restored;
  }

  /** When the oldest message that is still needed was published, in milliseconds since 1970. */
  get oldestPublishTime(): number | undefined {
    return this.#live.values().next().value?.publishTime;
  }

  /** Appends a publish request; the batch may be delivered once `written` was called without an error. */
  append(topicUid: number, raw: Buffer, spans: number[], written: Written): Batch {
    const count = spans.length / 2;
    const record = { topicUid, firstSequence: this.log.nextSequence, count, publishTime: now() };
    const place = this.log.append(publishRecord(record, raw), (error) => {
      written(error);
      this.settledSequence = Math.max(this.settledSequence, batch.firstSequence + count);
      this.release(batch, 1);
    });
    this.log.nextSequence += count;
    const offset = place.offset + PUBLISH_RAW_OFFSET;
    const batch: Batch = { ...record, segment: place.segment, offset, length: raw.length, raw, spans, pending: 0 };
    // Held until it is written and offered: a segment that nobody needs is removed.
    this.retain(batch, 1);
    return batch;
  }

  /** Keeps a batch for `subscriptions` subscriptions, each of which has `messages` of it to acknowledge. */
  retain(batch: Batch, messages: number): void {
    if (batch.pending === 0) {
      this.#live.add(batch);
      batch.segment.liveBytes += batch.length;
      if (batch.raw !== undefined) this.#keepResident(batch);
    }
    batch.pending += messages;
    batch.segment.liveMessages += messages;
  }

  /** Lets go of `messages` of a batch; the last one lets go of its bytes, and perhaps of old segments. */
  release(batch: Batch, messages: number): void {
    batch.pending -= messages;
    batch.segment.liveMessages -= messages;
    if (batch.pending > 0) return;
    this.#live.delete(batch);
    batch.segment.liveBytes -= batch.length;
    this.#evict(batch);
    batch.raw = undefined;
    batch.spans = undefined;
  }

  /** The batches in one segment that somebody has yet to let go, but for those that nobody was offered yet. */
  *liveIn(segment: Segment): Generator<Batch> {
    for (const batch of this.#live)
      if (batch.segment === segment && batch.firstSequence < this.settledSequence) yield batch;
  }

  /** The bytes of a batch's publish request, from memory or from the log. */
  rawOf(batch: Batch): Buffer {
    if (batch.raw !== undefined) return batch.raw;
    batch.raw = batch.segment.read(batch.offset, batch.length);
    this.#keepResident(batch);
    return batch.raw;
  }

  /** Where each message starts and ends in the batch's bytes: [start, end, start, end, …]. */
  spansOf(batch: Batch): number[] {
    batch.spans ??= messageSpans(this.rawOf(batch));
    return batch.spans;
  }

  logAcks(subscriptionUid: number, ranges: AckRange[], written?: Written): void {
    this.log.append([ackRecord(subscriptionUid, ranges)], written);
  }

  logAttempts(subscriptionUid: number, sequence: number, attempts: number): void {
    this.log.append([attemptsRecord(subscriptionUid, sequence, attempts)]);
  }

  /** Writes a live batch again at the end of the log; it counts as being there once `relocate` was told so. */
  copyToEnd(batch: Batch): Place {
    const raw = batch.raw ?? batch.segment.read(batch.offset, batch.length);
    return this.log.append(publishRecord(batch, raw));
  }

  /** The batch's copy at `place` is safe: its old segment can go. */
  relocate(batch: Batch, place: Place): void {
    batch.segment.liveMessages -= batch.pending;
    batch.segment.liveBytes -= batch.length;
    batch.segment = place.segment;
    batch.offset = place.offset + PUBLISH_RAW_OFFSET;
    batch.segment.liveMessages += batch.pending;
    batch.segment.liveBytes += batch.length;
  }

  /**
   * Removes the oldest segments as long as nobody needs them. Only ever from the front: an ack lies in the same segment
   * as its message or in a later one, so it never goes before its message does.
   */
  dropDeadSegments(): void {
    const { segments } = this.log;
    while (segments[0] !== undefined && segments[0] !== this.log.active && segments[0].liveMessages === 0) {
      const [oldest] = segments.splice(0, 1);
      if (oldest !== undefined) this.#remove(oldest);
    }
  }

  #remove(segment: Segment): void {
    const removal = segment
      .remove()
      .catch((error: Error) => this.#warn('could not remove an old log segment', { error: error.message }))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  async close(): Promise<void> {
    await this.log.close();
    await Promise.all(this.#removals);
  }

  #keepResident(batch: Batch): void {
    this.#resident.add(batch);
    this.#residentBytes += batch.length + RESIDENT_OVERHEAD_BYTES;
    if (this.#residentBytes <= this.limits.residentBytes) return;
    // The oldest are those that slow subscribers hold back; fast ones have just been given the newest.
    for (const oldest of this.#resident) {
      if (this.#residentBytes <= this.limits.residentBytes || oldest === batch) return;
      this.#evict(oldest);
      oldest.raw = undefined;
      oldest.spans = undefined;
    }
  }

  #evict(batch: Batch): void {
    if (this.#resident.delete(batch)) this.#residentBytes -= batch.length + RESIDENT_OVERHEAD_BYTES;
  }
}

/** Gathers what the log says, in whatever order segments were rewritten. */
class Restoring {
  nextSequence = 0;
  #batches = new Map<number, Batch>();
  #progress = new Map<number, Progress>();

  read(type: number, payload: Buffer, segment: Segment, offset: number): void {
    if (type === RecordType.publish) this.#readBatch(payload, segment, offset);
    else if (type === RecordType.acks) {
      const { subscriptionUid, ranges } = readAcks(payload);
      this.#progressOf(subscriptionUid).acked.push(...ranges);
    } else if (type === RecordType.attempts) {
      const { subscriptionUid, sequence, attempts } = readAttempts(payload);
      this.#progressOf(subscriptionUid).attempts.set(sequence, attempts);
    }
  }

  finish(): Restored {
    const batches = [...this.#batches.values()].sort((a, b) => a.firstSequence - b.firstSequence);
    for (const progress of this.#progress.values()) progress.acked = merged(progress.acked);
    return { batches, progress: this.#progress };
  }

  /** A batch that was moved to the end of the log appears twice; the later place is the one that stays. */
  #readBatch(payload: Buffer, segment: Segment, offset: number): void {
    const record = readPublish(payload);
    this.nextSequence = Math.max(this.nextSequence, record.firstSequence + record.count);
    this.#batches.set(record.firstSequence, {
      ...record,
      segment,
      offset: offset + PUBLISH_RAW_OFFSET,
      length: payload.length - (PUBLISH_RAW_OFFSET - HEAD_BYTES),
      raw: undefined,
      spans: undefined,
      pending: 0,
    });
  }

  #progressOf(subscriptionUid: number): Progress {
    let progress = this.#progress.get(subscriptionUid);
    if (progress === undefined) {
      progress = { acked: [], attempts: new Map() };
      this.#progress.set(subscriptionUid, progress);
    }
    return progress;
  }
}

import { mkdirSync } from 'node:fs';
import { now } from '../clock.ts';
import { syncFolder } from '../log/folder.ts';
import { GroupCommit, type Written } from '../log/group-commit.ts';
import { RecordType, readRecord, readSegment, segmentRecord } from './record.ts';
import { Segment, type Warn } from './segment.ts';

export type { Written } from '../log/group-commit.ts';

/** Where a record starts. */
export interface Place {
  segment: Segment;
  offset: number;
}

export interface LogOptions {
  directory: string;
  fsync: boolean;
  /** A segment is full at this size, give or take a record. */
  segmentBytes: number;
  warn: Warn;
  /** Called after a new segment was started, when old ones may be let go. */
  onRotate: () => void;
}

/**
 * The append-only log on disk, in segments: one for all topics, so that a turn of the event loop costs one write however
 * many topics it touched. A write that fails is told to those who wait for it, and nothing in memory relies on it: once
 * the disk has room again, the log goes on.
 */
export class Log {
  readonly segments: Segment[] = [];
  /** The sequence that the next message gets. */
  nextSequence: number;
  #options: LogOptions;
  #active: Segment;
  #commit: GroupCommit;
  #closed = false;

  /** Opens the log and hands every record to `visit` before it returns. */
  constructor(options: LogOptions, visit: (type: number, payload: Buffer, segment: Segment, offset: number) => void) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    // Ids look like the real ones and, after --fresh, do not meet those that a consumer still remembers.
    this.nextSequence = now() * 1000;
    const numbers = Segment.numbersIn(options.directory);
    for (const number of numbers) {
      const segment = new Segment(options.directory, number);
      this.segments.push(segment);
      const take = (record: Buffer, offset: number) => {
        const { type, payload } = readRecord(record);
        if (type === RecordType.segment) this.nextSequence = readSegment(payload);
        visit(type, payload, segment, offset);
      };
      segment.file.replay(number === numbers.at(-1), take, options.warn);
    }
    this.#active = this.segments.at(-1) ?? this.#startSegment();
    this.#commit = new GroupCommit(this.#active.file, options.fsync);
    this.#commit.onFailure = ({ message }) => options.warn('could not write to the message log', { error: message });
  }

  /** Called after each group commit, once everybody who waited for it was told. */
  set afterFlush(callback: () => void) {
    this.#commit.afterFlush = callback;
  }

  get active(): Segment {
    return this.#active;
  }

  /**
   * Adds one record to the group of this turn and says where it will lie; `written` is called when it does.
   * Throws where the disk refuses a new segment.
   */
  append(chunks: Buffer[], written?: Written): Place {
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    if (this.#commit.end + bytes > this.#options.segmentBytes) this.#rotate();
    const place = { segment: this.#active, offset: this.#commit.end };
    this.#commit.append(chunks, bytes, written);
    return place;
  }

  /** Ends the group of this turn: what was appended is written now. */
  flush(): void {
    this.#commit.flush();
  }

  /** Puts everything appended so far where it survives, now. Callers who wait are told at the end of the turn as ever. */
  persist(): void {
    this.#commit.persist();
  }

  /** Writes, and with fsync syncs, everything; then closes the files. */
  async close(): Promise<void> {
    await this.#commit.finish();
    this.#closed = true;
    for (const segment of this.segments) segment.file.close();
  }

  #rotate(): void {
    this.persist();
    this.#active = this.#startSegment();
    this.#commit.switchTo(this.#active.file);
    setImmediate(() => {
      if (!this.#closed) this.#options.onRotate();
    });
  }

  #startSegment(): Segment {
    const segment = new Segment(this.#options.directory, (this.segments.at(-1)?.number ?? 0) + 1);
    const record = segmentRecord(this.nextSequence);
    segment.file.append([record], record.length);
    if (this.#options.fsync) syncFolder(this.#options.directory);
    this.segments.push(segment);
    return segment;
  }
}

import { fdatasync, fdatasyncSync, mkdirSync, readdirSync } from 'node:fs';
import { type RecordHead, RecordType, readSegment, segmentRecord } from './record.ts';
import { Segment, type Warn } from './segment.ts';

/** Called once the bytes are in the file (with fsync: on the disk), or with the error that kept them out. */
export type Written = (error?: Error) => void;

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
 * The append-only log on disk: one for all topics, so that a turn of the event loop costs one write however many topics
 * it touched. Everything appended in a turn is written together at its end (group commit); with fsync, everything that
 * arrives while the disk is busy shares the next fdatasync.
 *
 * Tried: writing from the thread pool. A write of 30 KB to the page cache takes 15 µs (median of 2,000, busy machine), by
 * way of the pool 31 µs and more CPU, so only fdatasync goes there.
 */
export class Log {
  readonly segments: Segment[] = [];
  /** The sequence that the next message gets. */
  nextSequence: number;
  #options: LogOptions;
  #active: Segment;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #waiting: Written[] = [];
  #scheduled = false;
  #syncing = false;
  #closed = false;
  #awaitingSync: Written[] = [];
  #afterFlush: () => void = () => undefined;

  /** Opens the log and hands every record to `visit` before it returns. */
  constructor(
    options: LogOptions,
    visit: (head: RecordHead, payload: Buffer, segment: Segment, offset: number) => void,
  ) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    const numbers = readdirSync(options.directory)
      .map(Segment.numberIn)
      .filter((number) => number !== undefined)
      .sort((a, b) => a - b);
    // Ids look like the real ones and, after --fresh, do not meet those that a consumer still remembers.
    this.nextSequence = Date.now() * 1000;
    for (const number of numbers) {
      const segment = new Segment(options.directory, number);
      this.segments.push(segment);
      segment.replay(
        number === numbers.at(-1),
        (head, payload, offset) => {
          if (head.type === RecordType.segment) this.nextSequence = readSegment(payload);
          visit(head, payload, segment, offset);
        },
        options.warn,
      );
    }
    this.#active = this.segments.at(-1) ?? this.#startSegment();
  }

  /** Called after each group commit, once everybody who waited for it was told. */
  set afterFlush(callback: () => void) {
    this.#afterFlush = callback;
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
    if (this.#active.bytes + this.#chunkBytes + bytes > this.#options.segmentBytes) this.#rotate();
    const place = { segment: this.#active, offset: this.#active.bytes + this.#chunkBytes };
    for (const chunk of chunks) this.#chunks.push(chunk);
    this.#chunkBytes += bytes;
    if (written !== undefined) this.#waiting.push(written);
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
    return place;
  }

  /** Writes what this turn appended; callers wait for it through `written`. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const error = this.#write();
    if (error !== undefined || !this.#options.fsync) {
      for (const written of waiting) written(error);
      this.#afterFlush();
      return;
    }
    for (const written of waiting) this.#awaitingSync.push(written);
    this.#sync();
  }

  /**
   * Puts everything appended so far where it survives, now. Callers who wait are told at the end of the turn as ever, of a
   * failure too: told here, they could append into the middle of what the caller of this does.
   */
  persist(): void {
    const error = this.#write();
    if (error === undefined) {
      if (this.#options.fsync) fdatasyncSync(this.#active.fd);
      return;
    }
    const failed = this.#waiting;
    this.#waiting = [];
    setImmediate(() => {
      for (const written of failed) written(error);
    });
  }

  /** Writes, and with fsync syncs, everything; then closes the files. */
  async close(): Promise<void> {
    this.flush();
    while (this.#syncing) await new Promise((resolve) => setImmediate(resolve));
    this.#closed = true;
    for (const segment of this.segments) segment.close();
  }

  #write(): Error | undefined {
    if (this.#chunkBytes === 0) return undefined;
    const chunks = this.#chunks;
    const bytes = this.#chunkBytes;
    this.#chunks = [];
    this.#chunkBytes = 0;
    try {
      this.#active.append(chunks, bytes);
      return undefined;
    } catch (error) {
      this.#options.warn('could not write to the message log', { error: (error as Error).message, bytes });
      return error as Error;
    }
  }

  #sync(): void {
    if (this.#syncing || this.#awaitingSync.length === 0) return;
    this.#syncing = true;
    const waiting = this.#awaitingSync;
    this.#awaitingSync = [];
    fdatasync(this.#active.fd, (error) => {
      this.#syncing = false;
      for (const written of waiting) written(error ?? undefined);
      this.#afterFlush();
      this.#sync();
    });
  }

  #rotate(): void {
    this.persist();
    this.#active = this.#startSegment();
    setImmediate(() => {
      if (!this.#closed) this.#options.onRotate();
    });
  }

  #startSegment(): Segment {
    const segment = new Segment(this.#options.directory, (this.segments.at(-1)?.number ?? 0) + 1);
    const record = segmentRecord(this.nextSequence);
    segment.append([record], record.length);
    this.segments.push(segment);
    return segment;
  }
}

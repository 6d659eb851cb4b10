import type { Batch } from './message-store.ts';
import type { Topic } from './topic.ts';

/** A request of this size is a batch of its own: putting several together would cost more than it saves. */
const MAX_GROUPED_BYTES = 16 * 1024;
const MAX_GROUP_BYTES = 64 * 1024;

/** Told once its messages are safe: the first of their sequences, which follow one another. */
export type Published = (error: Error | undefined, firstSequence: number, batch: Batch) => void;

type Append = (
  topic: Topic,
  raw: Buffer,
  spans: number[],
  written: (error: Error | undefined, batch: Batch) => void,
) => void;

interface Group {
  raws: Buffer[];
  bytes: number;
  spans: number[];
  requests: { messages: number; done: Published }[];
}

/**
 * Small publish requests for one topic that arrive in the same turn of the event loop become one batch: one record, one
 * buffer, one entry in every backlog. Under load that is what a message costs in memory while it waits; alone, a request
 * of one message takes 2 KB. Two requests' bytes, one after the other, are a publish request again.
 */
export class PublishGroups {
  #groups = new Map<Topic, Group>();
  #scheduled = false;
  #append: Append;
  #flush: () => void;

  /** `append` logs a batch; `flush` has everything that was appended written. */
  constructor(append: Append, flush: () => void) {
    this.#append = append;
    this.#flush = flush;
  }

  add(topic: Topic, raw: Buffer, spans: number[], done: Published): void {
    const open = this.#groups.get(topic);
    if (open !== undefined && open.bytes + raw.length > MAX_GROUP_BYTES) this.#close(topic, open);
    const group = this.#groups.get(topic) ?? { raws: [], bytes: 0, spans: [], requests: [] };
    this.#groups.set(topic, group);
    for (const offset of spans) group.spans.push(group.bytes + offset);
    group.raws.push(raw);
    group.bytes += raw.length;
    group.requests.push({ messages: spans.length / 2, done });
    if (raw.length > MAX_GROUPED_BYTES) this.#close(topic, group);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.close());
  }

  /** Has everything that was added written. */
  close(): void {
    this.#scheduled = false;
    for (const [topic, group] of this.#groups) this.#close(topic, group);
    this.#flush();
  }

  #close(topic: Topic, { bytes, raws, requests, spans }: Group): void {
    this.#groups.delete(topic);
    const [only] = raws;
    const raw = raws.length === 1 && only !== undefined ? only : Buffer.concat(raws, bytes);
    this.#append(topic, raw, spans, (error, batch) => {
      let sequence = batch.firstSequence;
      for (const { done, messages } of requests) {
        done(error, sequence, batch);
        sequence += messages;
      }
    });
  }
}

import { Deque } from './deque.ts';
import type { Batch, MessageStore } from './message-store.ts';

/** What of a topic's messages is kept whether or not it was acknowledged. */
export interface Keeping {
  /** Published since then, in milliseconds since 1970. */
  sinceTime: number;
  /** With this sequence or a later one. */
  sinceSequence: number;
}

/**
 * The messages that a seek can bring back: a topic's own retention, subscriptions that retain what they acknowledged, and
 * snapshots keep them. One hold a batch, whoever asks for it: what only one of them still needs is not told apart.
 */
export class Archive {
  #store: MessageStore;
  #topics = new Map<number, Deque<Batch>>();
  #keepingOf: (topicUid: number) => Keeping | undefined;

  constructor(store: MessageStore, keepingOf: (topicUid: number) => Keeping | undefined) {
    this.#store = store;
    this.#keepingOf = keepingOf;
  }

  /** Keeps a batch that was just published, or read from the log, where its topic asks for it. */
  offer(batch: Batch): void {
    this.#topics.get(batch.topicUid)?.push(this.#hold(batch));
  }

  /** What is kept of a topic, oldest first. */
  of(topicUid: number): Iterable<Batch> {
    return this.#topics.get(topicUid) ?? [];
  }

  /** Keeps these from now on, besides what is kept already. */
  include(topicUid: number, batches: Iterable<Batch>): void {
    const kept = new Set(this.of(topicUid));
    const added = [...new Set(batches)].filter((batch) => !kept.has(batch));
    const all = [...kept, ...added.map((batch) => this.#hold(batch))].sort((a, b) => a.firstSequence - b.firstSequence);
    const archive = new Deque<Batch>();
    for (const batch of all) archive.push(batch);
    this.#topics.set(topicUid, archive);
  }

  /** Lets go of what nobody asks for any more, and begins to keep where somebody does. */
  refresh(topicUids: Iterable<number>): void {
    for (const topicUid of new Set([...topicUids, ...this.#topics.keys()])) {
      const keeping = this.#keepingOf(topicUid);
      const archive = this.#topics.get(topicUid);
      if (keeping === undefined) {
        for (const batch of archive ?? []) this.#store.release(batch, 1);
        this.#topics.delete(topicUid);
      } else if (archive === undefined) this.#topics.set(topicUid, new Deque());
      else this.#trim(archive, keeping);
    }
  }

  #trim(archive: Deque<Batch>, { sinceSequence, sinceTime }: Keeping): void {
    for (let oldest = archive.peek(); oldest !== undefined; oldest = archive.peek()) {
      if (oldest.publishTime >= sinceTime || oldest.firstSequence + oldest.count > sinceSequence) return;
      this.#store.release(oldest, 1);
      archive.shift();
    }
  }

  #hold(batch: Batch): Batch {
    this.#store.retain(batch, 1);
    return batch;
  }
}

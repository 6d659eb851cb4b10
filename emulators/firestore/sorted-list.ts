/** Full chunks are halved, so that an insertion moves at most this many items. */
const MAX_CHUNK = 512;

/** Where an item lies to what is sought: below 0 is before it. */
export type Position<T> = (item: T) => number;

/** Items in order, in chunks: found by bisection, and put in or taken out by moving a few hundred at most. */
export class SortedList<T> {
  size = 0;
  readonly #compare: (left: T, right: T) => number;
  #chunks: T[][] = [];

  /** Takes over the items, in whatever order. */
  constructor(compare: (left: T, right: T) => number, items: T[]) {
    this.#compare = compare;
    this.size = items.length;
    items.sort(compare);
    for (let at = 0; at < items.length; at += MAX_CHUNK / 2) this.#chunks.push(items.slice(at, at + MAX_CHUNK / 2));
  }

  insert(item: T): void {
    this.size++;
    const position: Position<T> = (other) => this.#compare(other, item);
    // Behind the last item of all: the last chunk takes it.
    const index = Math.min(this.#chunkOf(position), Math.max(0, this.#chunks.length - 1));
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      this.#chunks.push([item]);
      return;
    }
    chunk.splice(firstFrom(chunk, position), 0, item);
    if (chunk.length >= MAX_CHUNK) this.#chunks.splice(index + 1, 0, chunk.splice(MAX_CHUNK / 2));
  }

  /** Takes out the item that compares equal, where there is one. */
  delete(item: T): void {
    const position: Position<T> = (other) => this.#compare(other, item);
    const index = this.#chunkOf(position);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return;
    const at = firstFrom(chunk, position);
    const found = chunk[at];
    if (found === undefined || this.#compare(found, item) !== 0) return;
    this.size--;
    chunk.splice(at, 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
  }

  /** The items from the first at or behind a position to the last at or before another. */
  *ascending(from: Position<T>, to: Position<T>): Generator<T> {
    let index = this.#chunkOf(from);
    let at = firstFrom(this.#chunks[index] ?? [], from);
    for (let chunk = this.#chunks[index]; chunk !== undefined; chunk = this.#chunks[++index], at = 0) {
      for (; at < chunk.length; at++) {
        const item = chunk[at] as T;
        if (to(item) > 0) return;
        yield item;
      }
    }
  }

  /** The same items, last first. */
  *descending(from: Position<T>, to: Position<T>): Generator<T> {
    const behind: Position<T> = (item) => (to(item) > 0 ? 0 : -1);
    let index = Math.min(this.#chunkOf(behind), this.#chunks.length - 1);
    let at = firstFrom(this.#chunks[index] ?? [], behind) - 1;
    for (let chunk = this.#chunks[index]; chunk !== undefined; chunk = this.#chunks[--index], at = lastOf(chunk)) {
      for (; at >= 0; at--) {
        const item = chunk[at] as T;
        if (from(item) < 0) return;
        yield item;
      }
    }
  }

  /** How many items lie between two positions, both included. */
  count(from: Position<T>, to: Position<T>): number {
    return Math.max(0, this.#rank((item) => (to(item) > 0 ? 0 : -1)) - this.#rank(from));
  }

  /** How many items lie before a position. */
  #rank(position: Position<T>): number {
    const index = this.#chunkOf(position);
    let rank = firstFrom(this.#chunks[index] ?? [], position);
    for (let before = 0; before < index; before++) rank += this.#chunks[before]?.length ?? 0;
    return rank;
  }

  /** The first chunk whose last item is at or behind the position; one behind the last chunk where there is none. */
  #chunkOf(position: Position<T>): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (position(this.#chunks[middle]?.at(-1) as T) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function firstFrom<T>(chunk: readonly T[], position: Position<T>): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (position(chunk[middle] as T) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lastOf(chunk: readonly unknown[] | undefined): number {
  return (chunk?.length ?? 0) - 1;
}

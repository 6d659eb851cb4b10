export interface Settings {
  ordered: boolean;
  filtered: boolean;
  retains: boolean;
}

interface Message {
  id: number;
  key: string;
  matches: boolean;
}

type State = 'waiting' | 'out' | 'out, acknowledged' | 'done';

/** What one subscription delivers, told by looking at every message every time. Throws on what must not be delivered. */
export class DeliveryModel {
  #settings: Settings;
  #messages: (Message & { time: number })[] = [];
  #states: State[] = [];
  #snapshot: { unacked: Set<number>; from: number } | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get hasSnapshot(): boolean {
    return this.#snapshot !== undefined;
  }

  /** Out and not answered, in publish order. */
  get out(): number[] {
    return this.#idsIn('out');
  }

  get unacked(): number {
    return this.#states.filter((state) => state !== 'done').length;
  }

  /** When messages were published. */
  get times(): number[] {
    return this.#messages.map(({ time }) => time);
  }

  compose(messages: readonly { key: string; matches: boolean }[]): Message[] {
    return messages.map((message, index) => ({ ...message, id: this.#messages.length + index }));
  }

  published(messages: readonly Message[], time: number): void {
    for (const message of messages) {
      this.#messages.push({ ...message, time });
      this.#states.push(this.#passes(message) ? 'waiting' : 'done');
    }
  }

  /** Throws unless this message may be handed out now. */
  taken(id: number): void {
    if (this.#states[id] !== 'waiting') throw new Error(`${id} is ${this.#states[id]}`);
    for (const other of this.#before(id))
      if (this.#states[other] === 'waiting') throw new Error(`${id} overtook ${other}`);
    this.#states[id] = 'out';
  }

  /** With a key, an ack counts once everything before it is acknowledged. */
  acked(id: number): void {
    if (!this.#isOrdered(id)) {
      this.#states[id] = 'done';
      return;
    }
    this.#states[id] = 'out, acknowledged';
    for (const other of this.#ofKey(id)) {
      if (this.#states[other] === 'out, acknowledged') this.#states[other] = 'done';
      else if (this.#states[other] !== 'done') return;
    }
  }

  /** With a key, everything sent after it is sent again as well. */
  refused(id: number): void {
    this.#states[id] = 'waiting';
    if (!this.#isOrdered(id)) return;
    for (const other of this.#ofKey(id))
      if (other > id && this.#states[other] !== 'done') this.#states[other] = 'waiting';
  }

  soughtTo(time: number): void {
    for (const message of this.#messages) {
      const { id } = message;
      const isRetained = this.#settings.retains || this.#inSnapshot(id);
      if (message.time < time) this.#states[id] = 'done';
      else if (this.#states[id] !== 'done' || isRetained) this.#states[id] = this.#passes(message) ? 'waiting' : 'done';
    }
  }

  snapshotTaken(): void {
    const unacked = new Set(this.#messages.flatMap(({ id }) => (this.#states[id] === 'done' ? [] : [id])));
    this.#snapshot = { unacked, from: this.#messages.length };
  }

  rewound(): void {
    for (const message of this.#messages)
      this.#states[message.id] = this.#inSnapshot(message.id) && this.#passes(message) ? 'waiting' : 'done';
  }

  restarted(): void {
    this.#states = this.#states.map((state) => (state === 'done' ? 'done' : 'waiting'));
  }

  /** Whether the snapshot holds the message, because it was unacknowledged or is newer. */
  #inSnapshot(id: number): boolean {
    const { from, unacked } = this.#snapshot ?? { from: Number.POSITIVE_INFINITY, unacked: new Set() };
    return id >= from || unacked.has(id);
  }

  #passes({ matches }: Message): boolean {
    return matches || !this.#settings.filtered;
  }

  #isOrdered(id: number): boolean {
    return this.#settings.ordered && this.#messages[id]?.key !== '';
  }

  #ofKey(id: number): number[] {
    const key = this.#messages[id]?.key;
    return this.#messages.filter((message) => message.key === key).map((message) => message.id);
  }

  #before(id: number): number[] {
    return this.#isOrdered(id) ? this.#ofKey(id).filter((other) => other < id) : [];
  }

  #idsIn(state: State): number[] {
    return this.#messages.flatMap(({ id }) => (this.#states[id] === state ? [id] : []));
  }
}

import type { Execution, Expiry } from './order.ts';

/** What a bar did to its book. */
export interface BarResult {
  executions: Execution[];
  expired: Expiry[];
}

/** What is kept of an instrument's bars, so that a repeated bar is answered as it was the first time. */
export interface BarWindowState {
  /** Bars seen before the window. */
  dropped: number;
  sequences: number[];
  days: number[];
  /** Only bars that did something; most do nothing. */
  results: [sequence: number, result: BarResult][];
}

const NOTHING: BarResult = { executions: [], expired: [] };

/** The newest bars of one instrument: sequence and date of each, and what the few that did something did. */
export class BarWindow {
  readonly #capacity: number;
  #dropped = 0;
  #sequences: number[] = [];
  #days: number[] = [];
  #results = new Map<number, BarResult>();

  /** @param capacity how many bars are remembered at least; up to twice as many are held. */
  constructor(capacity: number, state?: BarWindowState) {
    this.#capacity = capacity;
    if (state === undefined) return;
    this.#dropped = state.dropped;
    this.#sequences = [...state.sequences];
    this.#days = [...state.days];
    this.#results = new Map(state.results);
  }

  /** Bars ever processed: the ordinal of the next one. */
  get count(): number {
    return this.#dropped + this.#sequences.length;
  }

  get newestSequence(): number | undefined {
    return this.#sequences.at(-1);
  }

  get newestDay(): number | undefined {
    return this.#days.at(-1);
  }

  /** What the bar did; undefined when it was never processed or is older than the window. */
  resultOf(sequence: number): BarResult | undefined {
    const index = this.#indexAfter(sequence - 1);
    if (this.#sequences[index] !== sequence) return undefined;
    return this.#results.get(sequence) ?? NOTHING;
  }

  /** The first processed bar above a sequence, as an order's session; undefined when there is none yet. */
  sessionAfter(sequence: number): { firstBar: number; day: number } | undefined {
    const index = this.#indexAfter(sequence);
    const day = this.#days[index];
    return day === undefined ? undefined : { firstBar: this.#dropped + index, day };
  }

  /** @param sequence above every one before it. */
  add(sequence: number, day: number, result: BarResult): void {
    this.#sequences.push(sequence);
    this.#days.push(day);
    if (result.executions.length > 0 || result.expired.length > 0) this.#results.set(sequence, result);
    // Halving now and then instead of shifting on every bar keeps a bar's cost constant.
    if (this.#sequences.length >= 2 * this.#capacity) this.#forgetOldest(this.#capacity);
  }

  toState(): BarWindowState {
    return {
      dropped: this.#dropped,
      sequences: this.#sequences,
      days: this.#days,
      results: [...this.#results],
    };
  }

  #forgetOldest(bars: number): void {
    this.#sequences = this.#sequences.slice(bars);
    this.#days = this.#days.slice(bars);
    this.#dropped += bars;
    const oldest = this.#sequences[0] ?? 0;
    for (const sequence of this.#results.keys()) {
      if (sequence >= oldest) break;
      this.#results.delete(sequence);
    }
  }

  /** Index of the first bar whose sequence is above the given one. */
  #indexAfter(sequence: number): number {
    let low = 0;
    let high = this.#sequences.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sequences[middle] ?? 0) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

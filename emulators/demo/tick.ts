/** A price as the demo publishes it. */
export interface Tick {
  /** Exact, in canonical text; it may be negative. */
  price: string;
  /** The market's time, milliseconds since 1970. */
  atMs: number;
  /** Of the interval that the tick ends; absent where the source has none. */
  volume?: string;
}

import { add, canonical, type Decimal, larger, smaller } from '#contracts/kit/decimal.ts';

/** One price as a feed sends it. */
export interface Tick {
  price: Decimal;
  /** The market's time, RFC 3339 in UTC. */
  at: string;
  sequence: number;
  volume?: Decimal | undefined;
}

/** The bar that is still being added to. */
export interface OpenBar {
  /** Start of its interval, milliseconds since 1970. */
  openedAtMs: number;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volume: Decimal;
  ticks: number;
  /** Sequence of the last tick in it. */
  priceSequence: number;
}

/** A bar that is over. */
export interface Bar {
  /** From 1, without gaps, within the instrument. */
  sequence: number;
  intervalSeconds: number;
  /** RFC 3339 in UTC. */
  openedAt: string;
  /** The end of its interval. */
  closedAt: string;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volume: Decimal;
  ticks: number;
  priceSequence: number;
}

/** Start of the interval that holds an instant, both in milliseconds since 1970; intervals are counted from 1970, backwards too. */
export function intervalStartMs(atMs: number, intervalSeconds: number): number {
  const intervalMs = intervalSeconds * 1_000;
  return Math.floor(atMs / intervalMs) * intervalMs;
}

export function openWith(tick: Tick, openedAtMs: number): OpenBar {
  const price = canonical(tick.price);
  return {
    openedAtMs,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: canonical(tick.volume ?? '0'),
    ticks: 1,
    priceSequence: tick.sequence,
  };
}

export function extend(bar: OpenBar, tick: Tick): OpenBar {
  const price = canonical(tick.price);
  return {
    openedAtMs: bar.openedAtMs,
    open: bar.open,
    high: larger(bar.high, price),
    low: smaller(bar.low, price),
    close: price,
    volume: tick.volume === undefined ? bar.volume : add(bar.volume, tick.volume),
    ticks: bar.ticks + 1,
    priceSequence: tick.sequence,
  };
}

export function close(bar: OpenBar, sequence: number, intervalSeconds: number): Bar {
  const { openedAtMs, ...figures } = bar;
  return {
    sequence,
    intervalSeconds,
    openedAt: new Date(openedAtMs).toISOString(),
    closedAt: new Date(openedAtMs + intervalSeconds * 1_000).toISOString(),
    ...figures,
  };
}

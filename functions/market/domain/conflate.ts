import { type Bar, close, extend, intervalStartMs, type OpenBar, openWith, type Tick } from './bar.ts';

/** What has become of every tick a feed has sent of an instrument: the three add up to what was sent. */
export interface FeedAccount {
  /** The highest sequence seen, or undefined before the first. */
  highWaterMark: number | undefined;
  applied: number;
  /** New, but of an interval that is over: a closed bar never changes. */
  late: number;
  /** At or below the mark: one number cannot tell a repeat from a straggler, and neither is applied. */
  repeated: number;
}

/** What is kept of an instrument's prices between messages: of constant size, however many ticks have passed. */
export interface Tape {
  barsClosed: number;
  ticksInClosedBars: number;
  openBar: OpenBar | undefined;
  /** Market time of the last tick applied. */
  lastAt: string | undefined;
}

export const EMPTY_TAPE: Tape = { barsClosed: 0, ticksInClosedBars: 0, openBar: undefined, lastAt: undefined };
export const NEW_FEED: FeedAccount = { highWaterMark: undefined, applied: 0, late: 0, repeated: 0 };

export interface Conflation {
  tape: Tape;
  feed: FeedAccount;
  closed: Bar[];
}

/**
 * Adds a feed's ticks to an instrument's tape, in the order they came. A bar closes when a tick of a later interval arrives, so
 * the last one always stays open. How ticks are split into messages changes nothing.
 */
export function conflate(
  before: Tape,
  feedBefore: FeedAccount,
  ticks: readonly Tick[],
  intervalSeconds: number,
): Conflation {
  const closed: Bar[] = [];
  const feed = { ...feedBefore };
  let { openBar, ticksInClosedBars, lastAt } = before;
  for (const tick of ticks) {
    if (feed.highWaterMark !== undefined && tick.sequence <= feed.highWaterMark) {
      feed.repeated += 1;
      continue;
    }
    feed.highWaterMark = tick.sequence;
    const startMs = intervalStartMs(Date.parse(tick.at), intervalSeconds);
    if (openBar !== undefined && startMs < openBar.openedAtMs) {
      feed.late += 1;
      continue;
    }
    feed.applied += 1;
    lastAt = tick.at;
    if (openBar !== undefined && startMs === openBar.openedAtMs) {
      openBar = extend(openBar, tick);
      continue;
    }
    if (openBar !== undefined) {
      closed.push(close(openBar, before.barsClosed + closed.length + 1, intervalSeconds));
      ticksInClosedBars += openBar.ticks;
    }
    openBar = openWith(tick, startMs);
  }
  return { tape: { barsClosed: before.barsClosed + closed.length, ticksInClosedBars, openBar, lastAt }, feed, closed };
}

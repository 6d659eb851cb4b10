import { add, compare, type Decimal, isNegative, isZero, negate, sign } from '#contracts/kit/decimal.ts';
import type { Limits } from './limits.ts';

/** How many bars a position is left alone after too many losses in a row. */
export const LOSS_STREAK_PAUSE_BARS = 5;

/** What losses have done to one position. Bars and days are the market's. */
export interface Losses {
  /** Losing trades in a row. */
  streak: number;
  /** Nothing is opened or grown on bars after `after` up to `until`. */
  pause: { after: number; until: number } | null;
  /** The last market day with a closed trade, as `2020-04-20`, and what was realised on it. */
  day: { date: string; realized: Decimal } | null;
  /** Nothing is opened or grown on this day's bars after `after`. */
  stop: { date: string; after: number } | null;
}

export const NO_LOSSES: Losses = { streak: 0, pause: null, day: null, stop: null };

export interface ClosedTrade {
  realizedPnl: Decimal;
  sequence: number;
  observedAt: string;
}

export type Trip = { cause: 'loss-streak' | 'daily-loss'; detail: string };

/** Counts a closed trade, and trips a breaker where it was one loss too many. */
export function closeTrade(losses: Losses, trade: ClosedTrade, limits: Limits): { losses: Losses; trips: Trip[] } {
  const streaked = countStreak(losses, trade, limits);
  const dated = countDay(streaked.losses, trade, limits);
  return { losses: dated.losses, trips: [...streaked.trips, ...dated.trips] };
}

/** The breaker that keeps a decision on this bar from opening or growing the position. */
export function trippedAt(losses: Losses, sequence: number, observedAt: string): Trip['cause'] | undefined {
  const { pause, stop } = losses;
  if (pause !== null && sequence > pause.after && sequence <= pause.until) return 'loss-streak';
  if (stop !== null && stop.date === marketDay(observedAt) && sequence > stop.after) return 'daily-loss';
  return undefined;
}

function countStreak(losses: Losses, trade: ClosedTrade, limits: Limits): { losses: Losses; trips: Trip[] } {
  if (sign(trade.realizedPnl) > 0) return { losses: { ...losses, streak: 0 }, trips: [] };
  if (isZero(trade.realizedPnl)) return { losses, trips: [] };
  const streak = losses.streak + 1;
  if (compare(String(streak), limits.maxLossStreak) <= 0) return { losses: { ...losses, streak }, trips: [] };
  const running = losses.pause !== null && trade.sequence <= losses.pause.until ? losses.pause : undefined;
  const until = trade.sequence + LOSS_STREAK_PAUSE_BARS;
  return {
    losses: { ...losses, streak: 0, pause: { after: running?.after ?? trade.sequence, until } },
    trips: [
      { cause: 'loss-streak', detail: `${streak} losing trades in a row: nothing new until bar ${until} is over` },
    ],
  };
}

function countDay(losses: Losses, trade: ClosedTrade, limits: Limits): { losses: Losses; trips: Trip[] } {
  const date = marketDay(trade.observedAt);
  const realized = add(losses.day?.date === date ? losses.day.realized : '0', trade.realizedPnl);
  const counted = { ...losses, day: { date, realized } };
  const isTooMuch = isNegative(realized) && compare(negate(realized), limits.maxDailyLoss) > 0;
  if (!isTooMuch || losses.stop?.date === date) return { losses: counted, trips: [] };
  return {
    losses: { ...counted, stop: { date, after: trade.sequence } },
    trips: [{ cause: 'daily-loss', detail: `${realized} realised on ${date}: nothing new on that day` }],
  };
}

/** The UTC date of an instant. */
function marketDay(observedAt: string): string {
  return observedAt.slice(0, 10);
}

import { signalGenerated } from '#contracts/ai/events.ts';
import { orderFailed, orderFilled, orderSubmitted } from '#contracts/execution/events.ts';
import { round, sum, toNumber } from '#contracts/kit/decimal.ts';
import type { Event } from '#contracts/kit/event.ts';
import { barClosed } from '#contracts/market/events.ts';
import { positionClosed, positionOpened } from '#contracts/portfolio/events.ts';
import { signalApproved, signalRejected } from '#contracts/risk/events.ts';
import type { Percentiles } from './latency.ts';
import type { Outcome } from './outcome.ts';

/** The last line of `--json`. Counts are of different events; `filled` counts fills, of which an order may have several. */
export interface ResultLine {
  /** Ticks published. */
  prices: number;
  bars: number;
  signals: number;
  approved: number;
  rejected: number;
  submitted: number;
  filled: number;
  failed: number;
  opened: number;
  closed: number;
  /** In the accounts' currency, exact sums rounded half to even to hundredths. */
  realizedPnl: number;
  unrealizedPnl: number;
  fees: number;
  lost: number;
  duplicated: number;
  tickToOrderMs: Percentiles;
}

const HUNDREDTHS = 2;

export function resultLine({ prices, events, accounts, latencies, reconciliation }: Outcome): ResultLine {
  const count = ({ topic }: Event) => events.get(topic) ?? 0;
  const total = (amounts: string[]) => toNumber(round(sum(amounts), HUNDREDTHS));
  return {
    prices,
    bars: count(barClosed),
    signals: count(signalGenerated),
    approved: count(signalApproved),
    rejected: count(signalRejected),
    submitted: count(orderSubmitted),
    filled: count(orderFilled),
    failed: count(orderFailed),
    opened: count(positionOpened),
    closed: count(positionClosed),
    realizedPnl: total(accounts.map(({ realizedPnl }) => realizedPnl)),
    unrealizedPnl: total(accounts.map(({ unrealizedPnl }) => unrealizedPnl)),
    fees: total(accounts.map(({ fees }) => fees)),
    lost: reconciliation.lost,
    duplicated: reconciliation.duplicated,
    tickToOrderMs: latencies.tickToOrder,
  };
}

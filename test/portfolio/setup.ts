import { orderFilled } from '#contracts/execution/events.ts';
import type { EventData } from '#contracts/kit/event.ts';
import { barClosed } from '#contracts/market/events.ts';
import type { DeliverOptions, Harness } from '../support/harness.ts';
import { dailyBar, pointAt } from '../support/market-data.ts';

export const PORTFOLIO = ['portfolio-on-mark-requested'];

export interface Prices {
  high: string;
  low: string;
  close: string;
}

export const flat = (price: string): Prices => ({ high: price, low: price, close: price });

type Filled = EventData<typeof orderFilled>;

/** A buy of 3 lots at 20, decided on the bar before the one it filled in. */
export function fillOf(sequence: number, changes: Partial<Filled> = {}): Filled {
  const { instrument = 'WTI' } = changes;
  return {
    orderId: crypto.randomUUID(),
    approvalId: crypto.randomUUID(),
    instrument,
    book: 'energy-paper',
    purpose: 'STRATEGY',
    side: 'BUY',
    decidedAt: pointAt(sequence - 1, instrument),
    fillId: `${instrument}:${sequence}:${crypto.randomUUID()}`,
    quantity: '3',
    price: '20',
    fee: '7.5',
    currency: 'USD',
    multiplier: '1000',
    remaining: '0',
    volatility: 1,
    filledAt: pointAt(sequence, instrument),
    bar: flat('20'),
    ...changes,
  };
}

export function fill(harness: Harness, data: Filled, options: DeliverOptions & { tenant: string }): Promise<number> {
  return harness.deliver('portfolio-on-order-filled', orderFilled, data, options);
}

/** Closes a bar and marks everybody who holds the instrument on it. Returns what came of it. */
export async function closeBar(harness: Harness, sequence: number, prices: Prices, instrument = 'WTI') {
  const bar = dailyBar(sequence, prices.close, { instrument, ...prices });
  await harness.deliver('portfolio-on-bar-closed', barClosed, bar);
  return harness.settle({ only: PORTFOLIO });
}

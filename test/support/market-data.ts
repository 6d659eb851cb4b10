import type { EventData } from '#contracts/kit/event.ts';
import type { barClosed, instrumentListed } from '#contracts/market/events.ts';

const DAY_MS = 86_400_000;

/** Midnight of the day after so many of 2020, RFC 3339. */
export const day = (sequence: number) => new Date(Date.UTC(2020, 0, 1) + sequence * DAY_MS).toISOString();

/** The bar that ended on day `sequence`. */
export const pointAt = (sequence: number, instrument = 'WTI') => ({ instrument, sequence, observedAt: day(sequence) });

/** A paper contract on the WTI index. */
export function wtiTerms(
  changes: Partial<EventData<typeof instrumentListed>> = {},
): EventData<typeof instrumentListed> {
  return {
    instrument: 'WTI',
    version: 1,
    description: 'a paper contract on the index',
    kind: 'INDEX_CFD',
    tradable: true,
    currency: 'USD',
    multiplier: '1000',
    tickSize: '0.01',
    lotSize: '1',
    barIntervalSeconds: 86_400,
    feePerLot: '2.5',
    spreadTicks: 2,
    depthLots: '50',
    levels: 5,
    collarVolatilities: 10,
    ...changes,
  };
}

/** A day's bar that opened and stayed at its close, unless told otherwise. */
export function dailyBar(
  sequence: number,
  close: string,
  changes: Partial<EventData<typeof barClosed>> = {},
): EventData<typeof barClosed> {
  return {
    instrument: 'WTI',
    sequence,
    intervalSeconds: 86_400,
    openedAt: day(sequence - 1),
    closedAt: day(sequence),
    open: close,
    high: close,
    low: close,
    close,
    volume: '0',
    ticks: 1,
    priceSequence: sequence,
    ...changes,
  };
}

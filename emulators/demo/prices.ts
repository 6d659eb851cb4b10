import { MAX_TICKS_PER_MESSAGE } from '#contracts/market/events.ts';
import { type Desk, listedInstruments, listFor } from './desk.ts';
import { meanRevertingTicks } from './mean-reverting-series.ts';
import { type InstrumentTick, mergeByTime } from './merge.ts';
import { barSecondsOf, checkPriceFile, instrumentOf, type PriceFile, ticksOf } from './price-file.ts';
import type { Tick } from './tick.ts';

/** What is to be replayed. */
export interface Prices {
  /** In the order of market time. */
  ticks: AsyncIterable<InstrumentTick>;
  instruments: string[];
  /** By instrument; one where it is not named. */
  ticksPerMessage: Map<string, number>;
  total: number;
}

const SERIES = { instrument: 'WTI', prices: 1_500, seed: 1986 } as const;

/** Reads every file once, so that a broken one is found before anything starts. Throws an Error of one line. */
export async function checkPriceFiles(paths: readonly string[]): Promise<PriceFile[]> {
  const files: PriceFile[] = [];
  for (const path of paths) files.push(await checkPriceFile(path));
  return files;
}

/** The series that is replayed where no file is named. */
export function seriesPrices(): Prices {
  const ticks = meanRevertingTicks(SERIES.prices, SERIES.seed);
  return {
    ticks: mergeByTime(new Map([[SERIES.instrument, ticks]])),
    instruments: [SERIES.instrument],
    ticksPerMessage: new Map(),
    total: SERIES.prices,
  };
}

/** The files' prices, each under the instrument it is named after, which is listed where nobody has. Throws an Error of one line. */
export async function filePrices(files: readonly PriceFile[], desk: Desk): Promise<Prices> {
  const listed = await listedInstruments(desk);
  const fileOf = new Map<string, PriceFile>();
  const ticksPerMessage = new Map<string, number>();
  for (const file of files) {
    const instrument = instrumentOf(file.path, [...listed.keys()]);
    const other = fileOf.get(instrument);
    if (other !== undefined)
      throw new Error(`${other.path} and ${file.path} are both named after ${instrument}: rename one, or leave it out`);
    fileOf.set(instrument, file);
    if (!listed.has(instrument)) await listFor(desk, instrument, file);
    ticksPerMessage.set(instrument, messageSize(file, listed.get(instrument) ?? barSecondsOf(file)));
  }
  const sources = new Map<string, AsyncIterable<Tick>>(
    Array.from(fileOf, ([instrument, file]) => [instrument, ticksOf(file)]),
  );
  return {
    ticks: mergeByTime(sources),
    instruments: [...fileOf.keys()],
    ticksPerMessage,
    total: files.reduce((total, { ticks }) => total + ticks, 0),
  };
}

const DAY_SECONDS = 86_400;
/** A share of a day that orders, which live a day, may come late without harm. */
const SHARE_OF_A_DAY = 24;
/** Well below the bars after which risk refuses a signal as stale. */
const MOST_BARS = 50;

/** Ticks of as many bars as the market may be ahead of its orders: one where a bar is a day long, 50 of a minute each. */
export function messageSize(
  { intervalMs, ticksPerRow }: Pick<PriceFile, 'intervalMs' | 'ticksPerRow'>,
  barSeconds: number,
): number {
  const bars = Math.min(MOST_BARS, Math.max(1, Math.floor(DAY_SECONDS / SHARE_OF_A_DAY / barSeconds)));
  const rowsPerBar = Math.max(1, Math.floor((barSeconds * 1_000) / intervalMs));
  return Math.min(MAX_TICKS_PER_MESSAGE, bars * rowsPerBar * ticksPerRow);
}

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { BrokenRow, type Layout, layoutOf, type PriceRow, pathThrough, readRow } from './price-row.ts';
import type { Tick } from './tick.ts';

/** What a first pass over a price file finds. */
export interface PriceFile {
  path: string;
  /** Ticks it gives. */
  ticks: number;
  /** Ticks that a row gives: one a price, four a bar. */
  ticksPerRow: 1 | 4;
  /** Lines of days without a price, which are passed over. */
  gaps: number[];
  /** Time between two rows where they are closest, which is taken as a bar's length. */
  intervalMs: number;
  /** Digits after the point that its prices need. */
  decimalPlaces: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Reads a whole price file once, keeping nothing but counts. Throws an Error of one line, with file and line number and what to do,
 * where there is no such file or a row is broken.
 */
export async function checkPriceFile(path: string): Promise<PriceFile> {
  const file: PriceFile = {
    path,
    ticks: 0,
    ticksPerRow: 1,
    gaps: [],
    intervalMs: Number.POSITIVE_INFINITY,
    decimalPlaces: 0,
  };
  let previousMs: number | undefined;
  for await (const { row, line } of rowsOf(path)) {
    if (row.kind === 'gap') file.gaps.push(line);
    else {
      file.ticksPerRow = row.kind === 'price' ? 1 : 4;
      file.ticks += file.ticksPerRow;
      file.decimalPlaces = Math.max(file.decimalPlaces, ...pricesOf(row).map(decimalPlacesOf));
    }
    if (previousMs !== undefined) file.intervalMs = Math.min(file.intervalMs, row.atMs - previousMs);
    previousMs = row.atMs;
  }
  if (file.ticks === 0) throw new Error(`${path} has no prices: add rows under its header`);
  if (!Number.isFinite(file.intervalMs)) file.intervalMs = DAY_MS;
  return { ...file, intervalMs: Math.max(file.intervalMs, 4) };
}

/** The ticks of a price file, oldest first, without ever holding it whole. Throws as checkPriceFile does. */
export async function* ticksOf({ path, intervalMs }: PriceFile): AsyncGenerator<Tick> {
  for await (const { row } of rowsOf(path)) {
    if (row.kind === 'price') yield { price: row.price, atMs: row.atMs };
    if (row.kind === 'bar') yield* ticksOfBar(row, intervalMs);
  }
}

/** Four ticks at the quarters of the interval. The last one carries its volume. */
export function* ticksOfBar(bar: Extract<PriceRow, { kind: 'bar' }>, intervalMs: number): Generator<Tick> {
  const path = pathThrough(bar);
  for (const [quarter, price] of path.entries()) {
    const tick = { price, atMs: bar.atMs + Math.floor((quarter * intervalMs) / path.length) };
    yield quarter === path.length - 1 && bar.volume !== undefined ? { ...tick, volume: bar.volume } : tick;
  }
}

async function* rowsOf(path: string): AsyncGenerator<{ row: PriceRow; line: number }> {
  const parser = createReadStream(path)
    .on('error', (error) => parser.destroy(error))
    .pipe(parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true }));
  let layout: Layout | undefined;
  let previousMs = Number.NEGATIVE_INFINITY;
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      line = info.lines;
      if (layout === undefined) {
        layout = layoutOf(record);
        continue;
      }
      const row = readRow(layout, record);
      if (row.atMs <= previousMs)
        throw new BrokenRow('its date is not after that of the row before: sort the file by date');
      previousMs = row.atMs;
      yield { row, line };
    }
  } catch (error) {
    throw readable(path, line, error);
  }
  if (layout === undefined)
    throw new Error(`${path} is empty: its first line must be "Date,Price" or "time,open,high,low,close[,volume]"`);
}

function readable(path: string, line: number, error: unknown): unknown {
  if (error instanceof BrokenRow) return new Error(`${path} line ${line}: ${error.message}; mend or remove that line`);
  if (error instanceof CsvError)
    return new Error(`${path} line ${error.lines ?? line}: ${error.message}; mend that line`);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new Error(`there is no file ${path}: name a CSV with --prices FILE`);
  if (code === 'EISDIR') return new Error(`${path} is a folder: name each CSV in it with --prices FILE`);
  if (code === 'EACCES') return new Error(`${path} may not be read: change its permissions`);
  return error;
}

function pricesOf(row: Exclude<PriceRow, { kind: 'gap' }>): string[] {
  return row.kind === 'price' ? [row.price] : [row.open, row.high, row.low, row.close];
}

function decimalPlacesOf(price: string): number {
  const point = price.indexOf('.');
  return point < 0 ? 0 : price.length - point - 1;
}

/** A bar of market time for a file whose instrument nobody has listed: what its rows are apart, a minute at least. */
export function barSecondsOf({ intervalMs }: PriceFile): number {
  return Math.max(MINUTE_MS, Math.min(intervalMs, 365 * DAY_MS)) / 1_000;
}

/**
 * The instrument that a file is named after: the longest listed one that its name begins with (`btc-perp-1m-2022-01.csv` is BTC-PERP's),
 * or else the name's first part.
 */
export function instrumentOf(path: string, listed: readonly string[]): string {
  const name = basename(path)
    .replace(/\.[^.]*$/, '')
    .toUpperCase();
  const begins = (instrument: string) =>
    name === instrument || new RegExp(`^${RegExp.escape(instrument)}[^A-Z0-9]`).test(name);
  const [longest] = listed.filter(begins).toSorted((left, right) => right.length - left.length);
  if (longest !== undefined) return longest;
  const [first = ''] = name.split(/[^A-Z0-9]+/).filter((part) => part !== '');
  if (first === '') throw new Error(`${path} names no instrument: call it after one, such as wti-daily.csv`);
  return first.slice(0, 32);
}

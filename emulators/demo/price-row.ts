import { canonical, compare, decimal, subtract } from '#contracts/kit/decimal.ts';

/** One row of a price file: a price at an instant, or an interval's four prices. */
export type PriceRow =
  | { kind: 'price'; atMs: number; price: string }
  | { kind: 'bar'; atMs: number; open: string; high: string; low: string; close: string; volume?: string }
  /** The source has the day and no price for it: EIA's files leave the cell empty. */
  | { kind: 'gap'; atMs: number };

/** Why a row or a header cannot be used, in words that follow "line N: ". */
export class BrokenRow extends Error {
  override name = 'BrokenRow';
}

/** Where the columns are. */
export interface Layout {
  width: number;
  time: number;
  price?: number;
  bar?: { open: number; high: number; low: number; close: number; volume?: number };
}

const TIME_COLUMNS = ['date', 'time', 'timestamp'];

/** Reads a header: `Date,Price`, or `time,open,high,low,close[,volume]` with `timestamp` or `date` as well. Throws a BrokenRow. */
export function layoutOf(header: readonly string[]): Layout {
  const names = header.map((name) => name.trim().toLowerCase());
  const at = (name: string) => names.indexOf(name);
  const time = names.findIndex((name) => TIME_COLUMNS.includes(name));
  const [open, high, low, close, volume, price] = ['open', 'high', 'low', 'close', 'volume', 'price'].map(at);
  const width = names.length;
  if (time >= 0 && price !== undefined && price >= 0) return { width, time, price };
  if (time < 0 || [open, high, low, close].some((column = -1) => column < 0)) {
    throw new BrokenRow(
      `the header must be "Date,Price" or "time,open,high,low,close[,volume]", not "${header.join(',')}"`,
    );
  }
  const bar = { open: open ?? 0, high: high ?? 0, low: low ?? 0, close: close ?? 0 };
  return { width, time, bar: volume === undefined || volume < 0 ? bar : { ...bar, volume } };
}

/** Reads a row. Throws a BrokenRow. */
export function readRow(layout: Layout, cells: readonly string[]): PriceRow {
  if (cells.length !== layout.width)
    throw new BrokenRow(`it has ${cells.length} columns where the header has ${layout.width}`);
  const cell = (column: number) => (cells[column] ?? '').trim();
  const atMs = instantOf(cell(layout.time));
  if (layout.price !== undefined) {
    const price = cell(layout.price);
    return price === '' ? { kind: 'gap', atMs } : { kind: 'price', atMs, price: numberIn('price', price) };
  }
  const { bar } = layout;
  if (bar === undefined) throw new BrokenRow('the header names no prices');
  const open = numberIn('open', cell(bar.open));
  const high = numberIn('high', cell(bar.high));
  const low = numberIn('low', cell(bar.low));
  const close = numberIn('close', cell(bar.close));
  const inside = [open, close].every((price) => compare(price, high) <= 0 && compare(price, low) >= 0);
  if (!inside) throw new BrokenRow(`open and close must lie between low ${low} and high ${high}`);
  const row = { kind: 'bar', atMs, open, high, low, close } as const;
  if (bar.volume === undefined || cell(bar.volume) === '') return row;
  const volume = numberIn('volume', cell(bar.volume));
  if (compare(volume, '0') < 0) throw new BrokenRow(`the volume must not be negative: ${volume}`);
  return { ...row, volume };
}

/**
 * The way a price took through an interval, as far as four prices tell: from the open to the extreme that is nearer to it, to the
 * other one, to the close.
 */
export function pathThrough({
  open,
  high,
  low,
  close,
}: {
  open: string;
  high: string;
  low: string;
  close: string;
}): string[] {
  const highIsNearer = compare(subtract(high, open), subtract(open, low)) <= 0;
  return highIsNearer ? [open, high, low, close] : [open, low, high, close];
}

const DATE = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(?:Z|\+00:?00)?$/;

/** `2020-04-20`, `20200420 00:00` or `2020-04-20 13:01:00.000`, in UTC. */
function instantOf(text: string): number {
  const parts = DATE.exec(text);
  if (parts === null) throw new BrokenRow(`"${text}" is not a date such as 2020-04-20 or 2020-04-20 13:01:00`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
  const there = new Date(atMs);
  const exists = there.getUTCMonth() === month - 1 && there.getUTCDate() === day && there.getUTCHours() === hour;
  if (!exists || minute > 59 || second > 59) throw new BrokenRow(`"${text}" is a date that does not exist`);
  return atMs;
}

/** Files write `46319.0`, `.5` and `+3` as well. */
function numberIn(column: string, text: string): string {
  const plain = text
    .replace(/^\+/, '')
    .replace(/^(-?)\./, '$10.')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/\.$/, '');
  const read = decimal.safeParse(plain);
  if (!read.success) throw new BrokenRow(`the ${column} "${text}" is not a number`);
  return canonical(read.data);
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkPriceFile, instrumentOf, ticksOf } from '../../emulators/demo/price-file.ts';
import { messageSize } from '../../emulators/demo/prices.ts';
import type { Tick } from '../../emulators/demo/tick.ts';

async function fileWith(t: ExecutionContext, text: string, name = 'wti-daily.csv'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function ticksIn(path: string): Promise<Tick[]> {
  return Array.fromAsync(ticksOf(await checkPriceFile(path)));
}

test('a file of dates and prices gives a tick a row, below zero as well', async (t) => {
  const path = await fileWith(t, 'Date,Price\n2020-04-17,18.31\n2020-04-20,-36.98\n2020-04-21,8.910\n');
  t.deepEqual(await ticksIn(path), [
    { price: '18.31', atMs: Date.UTC(2020, 3, 17) },
    { price: '-36.98', atMs: Date.UTC(2020, 3, 20) },
    { price: '8.91', atMs: Date.UTC(2020, 3, 21) },
  ]);
});

test('a bar gives four ticks within its interval, the extreme that is nearer to the open first, its volume with the last', async (t) => {
  const path = await fileWith(
    t,
    'timestamp,open,high,low,close,volume\n2022-01-01 00:00:00.000000,10.0,11,7,8.5,3.5\n2022-01-01 00:01:00.000000,10,14,9,9,0\n',
  );
  const start = Date.UTC(2022, 0, 1);
  t.deepEqual(await ticksIn(path), [
    { price: '10', atMs: start },
    { price: '11', atMs: start + 15_000 },
    { price: '7', atMs: start + 30_000 },
    { price: '8.5', atMs: start + 45_000, volume: '3.5' },
    { price: '10', atMs: start + 60_000 },
    { price: '9', atMs: start + 75_000 },
    { price: '14', atMs: start + 90_000 },
    { price: '9', atMs: start + 105_000, volume: '0' },
  ]);
});

test('a first pass counts ticks, and days without a price by their lines', async (t) => {
  const path = await fileWith(t, 'Date,Price\n2018-01-04,6.24\n2018-01-05,\n2018-01-08,2.825\n');
  t.like(await checkPriceFile(path), { ticks: 2, gaps: [3], intervalMs: 86_400_000, decimalPlaces: 3 });
});

test('dates without separators and Windows line ends are read', async (t) => {
  const path = await fileWith(t, '\uFEFFtime,open,high,low,close,volume\r\n20141201 00:00,300,370,300,370,0.05\r\n');
  t.is((await ticksIn(path))[0]?.atMs, Date.UTC(2014, 11, 1));
});

const BROKEN: [what: string, text: string, message: RegExp][] = [
  [
    'a price that is no number',
    'Date,Price\n2020-01-01,1\n2020-01-02,abc\n',
    /line 3: the price "abc" is not a number; mend/,
  ],
  ['a price with an exponent', 'Date,Price\n2020-01-01,1e5\n', /line 2: the price "1e5" is not a number/],
  ['something that is no date', 'Date,Price\nyesterday,1\n', /line 2: "yesterday" is not a date such as/],
  ['a day that no calendar has', 'Date,Price\n2021-02-29,1\n', /line 2: "2021-02-29" is a date that does not exist/],
  [
    'dates that go back',
    'Date,Price\n2020-01-02,1\n2020-01-01,1\n',
    /line 3: its date is not after that of the row before: sort/,
  ],
  ['a column too many', 'Date,Price\n2020-01-01,1,2\n', /line 2: it has 3 columns where the header has 2/],
  [
    'a close outside low and high',
    'time,open,high,low,close\n2020-01-01,5,6,4,7\n',
    /line 2: open and close must lie between/,
  ],
  [
    'a header of another kind',
    'when,what\n1,2\n',
    /line 1: the header must be "Date,Price" or "time,open,high,low,close\[,volume\]"/,
  ],
  ['no rows', 'Date,Price\n', /has no prices: add rows/],
  ['nothing at all', '', /is empty: its first line must be/],
  ['a quote that never ends', 'Date,Price\n2020-01-01,"1\n', /line \d+: /],
];

for (const [what, text, message] of BROKEN) {
  test(`a file with ${what} is refused in one line that names file and line`, async (t) => {
    const path = await fileWith(t, text);
    const error = await t.throwsAsync(checkPriceFile(path), { message });
    t.true(error?.message.startsWith(path) && !error.message.includes('\n'), error?.message);
  });
}

test('a file that is not there is refused in one line', async (t) => {
  await t.throwsAsync(checkPriceFile('/nowhere/wti.csv'), {
    message: 'there is no file /nowhere/wti.csv: name a CSV with --prices FILE',
  });
});

test('a file is named after the longest listed instrument that its name begins with, or else after its first part', (t) => {
  const listed = ['B', 'BRENT', 'BTC-PERP', 'BTCUSD', 'WTI', 'HENRYHUB'];
  const names = [
    'wti-daily',
    'brent-daily',
    'btc-perp-1m-2022-01',
    'btcusd-daily-lean',
    'b',
    'baltic_dry-index',
    'vix-daily',
  ];
  t.deepEqual(
    names.map((name) => instrumentOf(`../data/${name}.csv`, listed)),
    ['WTI', 'BRENT', 'BTC-PERP', 'BTCUSD', 'B', 'BALTIC', 'VIX'],
  );
});

test('a message carries one bar where an order lives for one, and many where it lives for a day of minutes', (t) => {
  t.is(messageSize({ intervalMs: 86_400_000, ticksPerRow: 1 }, 86_400), 1);
  t.is(messageSize({ intervalMs: 60_000, ticksPerRow: 4 }, 60), 200);
  t.is(messageSize({ intervalMs: 1_000, ticksPerRow: 1 }, 60), 1_000);
});

import test from 'ava';
import { meanRevertingTicks, WTI_PROCESS } from '../../emulators/demo/mean-reverting-series.ts';
import { mergeByTime } from '../../emulators/demo/merge.ts';

test('the same seed gives the same series, another seed another', (t) => {
  const series = (seed: number) => [...meanRevertingTicks(500, seed)];
  t.deepEqual(series(7), series(7));
  t.notDeepEqual(series(7), series(8));
});

test('the series has daily prices in cents on rising weekdays', (t) => {
  const ticks = [...meanRevertingTicks(500, 1)];
  t.is(ticks.length, 500);
  t.true(ticks.every(({ price }) => /^-?\d+(\.\d{1,2})?$/.test(price)));
  t.true(ticks.every(({ atMs }, index) => atMs > (ticks[index - 1]?.atMs ?? 0)));
  t.true(ticks.every(({ atMs }) => ![0, 6].includes(new Date(atMs).getUTCDay())));
});

test('fitting the series again gives the parameters it was made from', (t) => {
  const prices = [...meanRevertingTicks(200_000, 3)].map(({ price }) => Number(price));
  const [before, after] = [prices.slice(0, -1), prices.slice(1)];
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(before), mean(after)];
  const moments = before.reduce(
    (sum, value, index) => ({
      xy: sum.xy + (value - x) * ((after[index] ?? 0) - y),
      xx: sum.xx + (value - x) ** 2,
    }),
    { xy: 0, xx: 0 },
  );
  const decay = moments.xy / moments.xx;
  const level = (y - decay * x) / (1 - decay);
  const deviation = Math.sqrt(mean(before.map((value, index) => ((after[index] ?? 0) - y - decay * (value - x)) ** 2)));
  t.true(Math.abs(decay - WTI_PROCESS.decay) < 5e-4, `decay ${decay}`);
  t.true(Math.abs(level - WTI_PROCESS.mean) < 10, `mean ${level}`);
  t.true(Math.abs(deviation - WTI_PROCESS.deviation) < 0.02, `deviation ${deviation}`);
});

test('several instruments come as one stream in the order of market time, at one instant in the order given', async (t) => {
  const at = (...times: number[]) => times.map((atMs) => ({ price: '1', atMs }));
  const merged = await Array.fromAsync(
    mergeByTime(
      new Map([
        ['A', at(1, 3, 4)],
        ['B', at(1, 2, 4, 5)],
        ['C', []],
      ]),
    ),
  );
  t.deepEqual(
    merged.map(({ instrument, atMs }) => `${instrument}${atMs}`),
    ['A1', 'B1', 'B2', 'A3', 'A4', 'B4', 'B5'],
  );
});

import test from 'ava';
import { crushMargin } from '../../../emulators/simulate/sample/crush-margin.ts';
import { workbookFile } from '../../../emulators/simulate/sample/workbook-file.ts';
import type { Workbook } from '../../../functions/simulation/engine/workbook/model.ts';
import { readWorkbook } from '../../../functions/simulation/engine/workbook/read.ts';
import { calculated, place, shown } from '../support/worked-out.ts';

const marginSheet = 2;

async function sample(): Promise<Workbook> {
  const read = await readWorkbook(await workbookFile(crushMargin()));
  if (read.kind === 'refused') throw new Error(read.detail);
  return read.workbook;
}

test('the sample workbook is the same file every time', async (t) => {
  t.deepEqual(await workbookFile(crushMargin()), await workbookFile(crushMargin()));
});

test('every formula of the sample workbook is stored with the value that recalculating gives', async (t) => {
  const workbook = await sample();
  const calculation = calculated(workbook);
  const formulas = workbook.sheets.flatMap((sheet, index) =>
    [...sheet.formulas.entries()].map(([key]) => ({ key, sheet: index, stored: sheet.values.get(key) })),
  );
  t.is(formulas.length, 11 + 12 * 12 + 9);
  for (const { key, sheet, stored } of formulas) {
    t.is(typeof stored, 'number');
    t.is(calculation.value({ sheet, row: Math.floor(key / 16_384), column: key % 16_384 }), stored as number);
  }
});

test('January without shocks earns what the median prices, the costs and the hedge say', async (t) => {
  const calculation = calculated(await sample());
  const months = Array.from({ length: 12 }, (_, index) => Number(shown(calculation, `L${5 + index}`, marginSheet)));
  const year = Number(shown(calculation, 'L18', marginSheet));
  t.true(Math.abs(year - months.reduce((sum, month) => sum + month, 0)) < 1e-6);
  // The forward is the mean, so that the median lies below it by half the variance. 27 days of 150,000 bu in January.
  const median = (forward: number, volatility: number) => forward * Math.exp(-(volatility ** 2) / 2);
  const [beans, meal, oil] = [median(10.62, 0.06), median(312, 0.075), median(47.6, 0.085)];
  const bushels = 150_000 * 27 * 0.92;
  const gross = bushels * (meal * 0.022 + (oil / 100) * 11 - beans - 0.35);
  const cost = bushels * (0.0225 * 4.12 + 0.03 + 0.26) + 900_000;
  const hedge = 150_000 * 27 * 0.5 * (1.62 - (meal * 0.022 + oil * 0.11 - beans));
  t.true(Math.abs((months[0] ?? 0) - (gross - cost + hedge)) < 1e-6);
});

test('a shock to beans alone makes the margin worse', async (t) => {
  const calculation = calculated(await sample());
  const before = Number(shown(calculation, 'L18', marginSheet));
  calculation.set(place('B18', 0), 1);
  calculation.recalculate();
  t.true(Number(shown(calculation, 'L18', marginSheet)) < before);
});

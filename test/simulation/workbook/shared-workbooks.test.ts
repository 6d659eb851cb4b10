import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Workbook } from '../../../functions/simulation/engine/workbook/model.ts';
import { read } from '../support/read.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/workbooks');
const readme = join(folder, 'README.md');

/** Cells of volatile arrays that Excel marks with an empty formula; the list counts them, they are their array's. */
const emptyFormulas: Readonly<Record<string, number>> = {
  'ironcalc/DynamicArrays.xlsx': 8,
  'ironcalc/weekly_timesheet.xlsx': 60,
};

/** The README's table: each file and how many of its formula cells Excel stored a value for. */
function listed(): { file: string; formulas: number }[] {
  return readFileSync(readme, 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, file]) => file?.endsWith('.xlsx'))
    .map(([, file = '', , , , formulas = '']) => ({ file, formulas: Number(formulas) }));
}

function formulasWithValue(workbook: Workbook): number {
  let count = 0;
  for (const { formulas, values } of workbook.sheets) {
    for (const key of formulas.keys()) if ((values.get(key) ?? null) !== null) count += 1;
  }
  return count;
}

test('every workbook that Excel saved reads, with as many formula cells as its list has', async (t) => {
  if (!existsSync(readme)) {
    t.log('skipped: ../shared/data/workbooks is not here');
    t.pass();
    return;
  }
  const files = listed();
  t.true(files.length > 20);
  for (const { file, formulas } of files) {
    const workbook = await read(readFileSync(join(folder, file)));
    t.is(formulasWithValue(workbook) + (emptyFormulas[file] ?? 0), formulas, file);
  }
});

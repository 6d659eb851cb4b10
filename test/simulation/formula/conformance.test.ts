import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type CellComparison, compareWorkbook } from '../../../emulators/simulate/compare-workbook.ts';
import { read } from '../support/read.ts';
import { calculated } from '../support/worked-out.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/workbooks');

async function compared(file: string): Promise<CellComparison[]> {
  const workbook = await read(readFileSync(join(folder, file)));
  return compareWorkbook(workbook, calculated(workbook));
}

test('of the cells that Excel saved 97 % agree, and 99.5 % of those that ask for nothing unknown', async (t) => {
  if (!existsSync(folder)) {
    t.log('skipped: ../shared/data/workbooks is not here');
    t.pass();
    return;
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.xlsx'));
  t.true(files.length > 20);
  const cells: CellComparison[] = [];
  for (const file of files) cells.push(...(await compared(file)));
  const counted = cells.filter((cell) => cell.outcome !== 'volatile');
  const known = counted.filter((cell) => cell.outcome !== 'unsupported');
  const equal = counted.filter((cell) => cell.outcome === 'equal').length;
  t.log(`${counted.length} cells, ${equal} equal, ${known.length - equal} different`);
  t.true(counted.length > 20_000);
  t.true(equal / counted.length >= 0.97, `${equal} of ${counted.length}`);
  t.true(equal / known.length >= 0.995, `${equal} of ${known.length}`);
});

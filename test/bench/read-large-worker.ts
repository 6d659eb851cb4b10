import { readFileSync } from 'node:fs';
import { readWorkbook } from '../../functions/simulation/engine/workbook/read.ts';

const bytes = readFileSync(process.argv[2] ?? '');
const startedAt = performance.now();
const result = await readWorkbook(bytes);
const seconds = (performance.now() - startedAt) / 1_000;
if (result.kind === 'refused') throw new Error(result.detail);
const { sheets } = result.workbook;
process.stdout.write(
  JSON.stringify({
    seconds,
    peakMb: process.resourceUsage().maxRSS / 1_024,
    cells: sheets.reduce((sum, { values }) => sum + values.size, 0),
    formulas: sheets.reduce((sum, { formulas }) => sum + formulas.size, 0),
  }),
);

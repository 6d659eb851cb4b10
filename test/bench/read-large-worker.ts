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
    peakMb: peakMegabytes(),
    cells: sheets.reduce((sum, { values }) => sum + values.size, 0),
    formulas: sheets.reduce((sum, { formulas }) => sum + formulas.size, 0),
  }),
);

/** Of this program alone: resourceUsage() also counts what its parent held when it was forked. */
function peakMegabytes(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

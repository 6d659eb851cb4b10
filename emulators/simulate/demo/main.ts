import { writeFile } from 'node:fs/promises';
import { INTERRUPTED, interruption } from '../../interruption.ts';
import { printedOutput } from '../print.ts';
import { reportPage } from '../report/page.ts';
import { parseDemoOptions } from './options.ts';
import { runDemo } from './run.ts';
import { reportOf } from './told-report.ts';

/** `npm run demo:simulation`. Returns the exit code. */
async function main(argv: string[]): Promise<number> {
  const options = parseDemoOptions(argv);
  if ('help' in options) {
    process.stdout.write(`${options.help}\n`);
    return 0;
  }
  const run = await runDemo(options, (text) => process.stderr.write(`${text}\n`), interruption());
  if (run === undefined) return INTERRUPTED;
  const report = reportOf(run);
  await writeFile(options.report, reportPage(report));
  const { results, seconds } = run;
  const lines = [
    `${results.paths} paths of ${results.workbook.name} in ${seconds.toFixed(1)} s (${results.backend}, ${results.sampling}, seed ${results.seed})`,
    ...report.notes,
    ...report.outputs.flatMap(printedOutput),
    '',
    `report: ${options.report}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...results, seconds })}\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

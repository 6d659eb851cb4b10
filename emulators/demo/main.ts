import { INTERRUPTED, interruption } from '../interruption.ts';
import { parseDemoOptions } from './options.ts';
import { reportOf } from './report.ts';
import { resultLine } from './result-line.ts';
import { runDemo } from './run.ts';

/** `npm run demo`. Returns the exit code: 0 only where everything adds up. */
async function main(argv: string[]): Promise<number> {
  const options = parseDemoOptions(argv);
  const run = await runDemo(options, (text) => process.stderr.write(`${text}\n`), interruption());
  if (run === undefined) return INTERRUPTED;
  const { outcome, waterfall } = run;
  process.stdout.write(`${reportOf(outcome, waterfall)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(resultLine(outcome))}\n`);
  return outcome.reconciliation.differences.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

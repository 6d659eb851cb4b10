import process from 'node:process';
import {
  type Goal,
  type GoalSolution,
  seekStatistic,
  seekValue,
} from '../../functions/simulation/engine/analysis/goal.ts';
import { AnalysisRefusal } from '../../functions/simulation/engine/analysis/refusal.ts';
import { changedRequest } from '../../functions/simulation/engine/analysis/scenario.ts';
import { CompileRefusal } from '../../functions/simulation/engine/compiler/refusal.ts';
import { ParameterError } from '../../functions/simulation/engine/distributions/distribution.ts';
import { RequestRefusal } from '../../functions/simulation/engine/request/refusal.ts';
import { type Command, type RunArguments, readArguments } from './arguments.ts';
import { comparedRuns, differencesBetween, printedComparison } from './compare-runs.ts';
import { figure } from './figure.ts';
import { fitsOf, jsonFits, printedFits } from './fit-table.ts';
import { openedWorkbook } from './opened-workbook.ts';
import { jsonResult, printedResult } from './print.ts';
import { reportOf } from './report/content.ts';
import { reportPage } from './report/page.ts';
import { runRequest } from './run-request.ts';
import { argumentsOf, readSavedRun, savedFrom, savedText } from './saved-run.ts';
import { UsageError, usage } from './usage.ts';
import { printedWhatIfs, wantedWhatIfs, whatIfs } from './what-if.ts';
import { insistWritable, write } from './written-file.ts';

/** Excel's serial number of 1 January 1970. */
const unixEpoch = 25_569;
const today = () => Math.floor(Date.now() / 86_400_000) + unixEpoch;

const print = (text: string) => process.stdout.write(text);
const printJson = (value: unknown) => print(`${JSON.stringify(value)}\n`);

/** Simulates a workbook from the command line, without the cloud. */
async function main(words: readonly string[]): Promise<void> {
  const command = readArguments(words);
  switch (command.kind) {
    case 'help':
      print(`${usage}\n`);
      return;
    case 'run':
      return run(command.run);
    case 'goal':
      return goal(command.goal, command.run);
    case 'fit':
      return printFits(command);
    case 'rerun':
      return rerun(command);
    case 'compare':
      return compare(command);
  }
}

async function run(asked: RunArguments): Promise<void> {
  for (const file of [asked.report, asked.save]) if (file !== undefined) await insistWritable(file);
  const opened = await openedWorkbook(asked.file);
  const wanted = wantedWhatIfs(asked, opened);
  const done = await runRequest(asked, opened, today());
  print(printedResult(done));
  const others = await whatIfs(done, wanted);
  print(printedWhatIfs(done, others));
  if (asked.report !== undefined) {
    await write(asked.report, reportPage(reportOf(done, others)));
    print(`report: ${asked.report}\n`);
  }
  if (asked.save !== undefined) {
    await write(asked.save, savedText(done));
    print(`saved: ${asked.save}\n`);
  }
  if (asked.json) printJson(jsonResult(done, others));
  if (done.result.stopped === 'cancelled') process.exitCode = 130;
}

async function goal(wanted: Goal, asked: RunArguments): Promise<void> {
  const opened = await openedWorkbook(asked.file);
  const now = today();
  const solution: GoalSolution =
    wanted.statistic.kind === 'value'
      ? await seekValue(wanted, opened.workbook, now)
      : await seekStatistic(wanted, opened.workbook, async (value) => {
          const changed = changedRequest(asked, [{ cell: wanted.by, distribution: String(value) }], opened.workbook);
          const [output] = (await runRequest(changed, opened, now)).result.outputs;
          if (output === undefined) throw new UsageError('stopped before the goal was met');
          return output;
        });
  const { value, before, reached, tries } = solution;
  print(
    `${wanted.by} = ${figure(value)} (it holds ${figure(before)}) brings the goal to ${figure(reached)}, in ${tries} tries\n`,
  );
  if (asked.json) printJson({ by: wanted.by, ...solution });
}

async function printFits({ file, ranges, json }: Command & { kind: 'fit' }): Promise<void> {
  const { workbook } = await openedWorkbook(file);
  const tables = ranges.map((range) => ({ range, fits: fitsOf(range, workbook) }));
  print(tables.map(({ range, fits }) => printedFits(range, fits)).join('\n'));
  if (json) printJson({ fits: tables.map(({ range, fits }) => jsonFits(range, fits)) });
}

async function rerun({ saved, file, json }: Command & { kind: 'rerun' }): Promise<void> {
  const before = await readSavedRun(saved);
  const opened = await openedWorkbook(file ?? before.workbook.file);
  if (opened.sha256 !== before.workbook.sha256)
    throw new UsageError(`${opened.file} is not the workbook of that run: its content has changed since`);
  const after = savedFrom(await runRequest(argumentsOf(before, opened.file), opened, before.data.now));
  const different = differencesBetween(before.result, after.result);
  const versions = `engine ${before.engineVersion} then, ${after.engineVersion} now`;
  print(
    different.length === 0
      ? `the same results to the last bit (${versions})\n`
      : `${different.length} figures differ (${versions})\n${different
          .slice(0, 20)
          .map((one) => `  ${one.where}: ${one.first} then, ${one.second} now`)
          .join('\n')}\n`,
  );
  if (json) printJson({ identical: different.length === 0, different: different.length });
  if (different.length > 0) process.exitCode = 1;
}

async function compare({ files, json }: Command & { kind: 'compare' }): Promise<void> {
  const [first, second] = [await readSavedRun(files[0]), await readSavedRun(files[1])];
  const comparison = comparedRuns(first, second);
  print(printedComparison(comparison, files));
  if (json) {
    const { identical, asked, outputs } = comparison;
    const means = outputs.map(({ cell, first: a, second: b, standardErrors }) => ({
      cell,
      means: [a?.mean ?? null, b?.mean ?? null],
      standardErrors: standardErrors ?? null,
    }));
    printJson({ identical, asked, outputs: means });
  }
}

// What reads the output may have seen enough, as `head` has; reports and saved runs are written all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  const kinds = [UsageError, AnalysisRefusal, RequestRefusal, CompileRefusal, ParameterError];
  if (!kinds.some((kind) => error instanceof kind) || !(error instanceof Error)) throw error;
  process.stderr.write(`simulate: ${error.message}\n`);
  process.exitCode = 2;
}

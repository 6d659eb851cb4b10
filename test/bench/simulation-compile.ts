import { cellId } from '../../functions/simulation/engine/compiler/cells.ts';
import { compileWorkbook } from '../../functions/simulation/engine/compiler/compile.ts';
import { normal } from '../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../functions/simulation/engine/functions/registry.ts';
import { compileToWebAssembly } from '../../functions/simulation/engine/kernel/webassembly.ts';
import { formatCell } from '../../functions/simulation/engine/workbook/address.ts';
import type { Workbook } from '../../functions/simulation/engine/workbook/model.ts';
import { gridWorkbook } from '../simulation/support/grid-workbook.ts';

const columns = 10;

/** From the workbook in memory to the module's bytes, for 60 formulas (the median of several) and for 100,000. */
export async function compileTimes(
  say: (line: string) => void,
): Promise<{ compileSmallMs: number; compileLargeS: number }> {
  // The first compiling in a process loads the toolkit and warms the code, which a service does once.
  await compileMilliseconds(chainedWorkbook(6), 6);
  const small: number[] = [];
  for (let round = 0; round < 5; round += 1) small.push(await compileMilliseconds(chainedWorkbook(6), 6));
  const compileSmallMs = small.sort((a, b) => a - b)[2] ?? Number.NaN;
  const compileLargeS = (await compileMilliseconds(chainedWorkbook(10_000), 10_000)) / 1000;
  const { maxRSS } = process.resourceUsage();
  say(
    `compile 60 formulas: ${compileSmallMs.toFixed(1)} ms; 100,000: ${compileLargeS.toFixed(2)} s, at most ${(maxRSS / 1024).toFixed(0)} MB in all`,
  );
  return { compileSmallMs, compileLargeS };
}

async function compileMilliseconds(workbook: Workbook, rows: number): Promise<number> {
  const inputs = [{ cell: cellId(0, 0, 0), distribution: normal(0, 1) }];
  const outputs = [cellId(0, rows, columns - 1)];
  const started = performance.now();
  const moment = { now: 46_000, random: () => 0.5 };
  const model = compileWorkbook(workbook, worksheetFunctions, inputs, outputs, [], moment);
  await compileToWebAssembly(model.program);
  return performance.now() - started;
}

/** Rows of formulas, each on its left neighbour and the row above, all down to one random cell. */
function chainedWorkbook(rows: number): Workbook {
  const cells: Record<string, number | string> = {};
  for (let column = 0; column < columns; column += 1) cells[formatCell(0, column)] = 100 + column;
  for (let row = 1; row <= rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const above = formatCell(row - 1, column);
      const left = column > 0 ? formatCell(row, column - 1) : formatCell(row - 1, columns - 1);
      cells[formatCell(row, column)] = `=${formulaAt(row, column, above, left)}`;
    }
  }
  return gridWorkbook({ Model: cells });
}

function formulaAt(row: number, column: number, above: string, left: string): string {
  if (column === 0) return `${above}*EXP(0.0001*$A$1)-${left}*0.01+MAX(${above},5)*0.001`;
  if (column === 5) return `SUM(${formatCell(row, 0)}:${formatCell(row, 4)})/5`;
  return `IF(${left}>50,${left}*0.5+${above}*0.5,${above}+${row})`;
}

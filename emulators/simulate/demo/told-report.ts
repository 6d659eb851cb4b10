import { figure } from '../figure.ts';
import { type Report, samplingErrorOnly } from '../report/content.ts';
import type { DemoRun } from './run.ts';
import { toldStatistics } from './told-statistics.ts';

/** The report of a simulation that ran in the cloud, from what its results tell. */
export function reportOf({ results, inputs, outputs, seconds }: DemoRun): Report {
  const told = results.outputs.map(toldStatistics);
  return {
    title: results.workbook.name,
    subtitle: `${figure(results.paths)} paths · ${told.length} ${told.length === 1 ? 'output' : 'outputs'} · seed ${results.seed}`,
    facts: [
      ['paths', figure(results.paths)],
      ['sampling', results.sampling],
      ['seed', String(results.seed)],
      ['backend', `${results.backend}, ${results.mode} mode`],
      ['engine', `version ${results.engineVersion}`],
      ['from asking to results', `${seconds.toFixed(1)} s`],
      ['as of', results.asOf],
      ['workbook (SHA-256)', results.workbook.sha256],
      ['results (SHA-256)', results.digest],
      ['simulation', results.simulationId],
    ],
    notes: [...results.warnings, samplingErrorOnly],
    inputs: inputs.map(({ cell, distribution }) => ({ cell, distribution, identity: cell })),
    outputs: told,
    series: outputs.filter((name) => name.includes(':')).map((name) => ({ name, cells: cellsIn(name, told) })),
    whatIfs: [],
  };
}

/** The outputs that stand in a range of one column or row, as they are told: in the range's order. */
function cellsIn(range: string, told: readonly { readonly cell: string }[]): string[] {
  const [, sheet = '', fromColumn = '', fromRow = '', toColumn = '', toRow = ''] =
    /^(.*)!\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)$/.exec(range) ?? [];
  return told
    .map(({ cell }) => cell)
    .filter((cell) => {
      const [, ownSheet, column = '', row] = /^(.*)!([A-Z]+)(\d+)$/.exec(cell) ?? [];
      const inColumns = fromColumn === toColumn ? column === fromColumn : column >= fromColumn && column <= toColumn;
      return ownSheet === sheet && inColumns && Number(row) >= Number(fromRow) && Number(row) <= Number(toRow);
    });
}

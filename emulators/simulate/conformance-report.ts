import { isError } from '../../functions/simulation/engine/formula/value.ts';
import type { CellValue } from '../../functions/simulation/engine/workbook/model.ts';
import type { CellComparison, Comparison } from './compare-workbook.ts';

type Totals = { cells: number; equal: number; unsupported: number; different: number };

type Row = Totals & { readonly name: string; volatile: number };

/** Cells that change by themselves are counted apart: no stored value can be right for them. */
export function totalsOf(comparisons: readonly Comparison[]): Totals {
  const { cells, equal, unsupported, different } = countAll(
    'all',
    comparisons.flatMap((comparison) => comparison.cells),
  );
  return { cells, equal, unsupported, different };
}

/** Prints the table by file, the one by function, and the cells that could not be compared or did not agree. */
export function printReport(comparisons: readonly Comparison[], options: { readonly details: boolean }): void {
  const lines = [
    ...table(
      'file',
      comparisons.map((comparison) => countAll(comparison.file, comparison.cells)),
    ),
    ...comparisons.flatMap(({ file, refused }) => (refused === undefined ? [] : [`${file}: not read (${refused})`])),
    '',
    ...table('function', byFunction(comparisons)),
    '',
    ...listed('volatile, not compared', comparisons, 'volatile'),
    ...listed('unsupported', comparisons, 'unsupported'),
    ...(options.details ? different(comparisons) : []),
    summary(totalsOf(comparisons)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function countAll(name: string, cells: readonly CellComparison[]): Row {
  const row: Row = { name, cells: 0, equal: 0, unsupported: 0, different: 0, volatile: 0 };
  for (const cell of cells) {
    row[cell.outcome] += 1;
    if (cell.outcome !== 'volatile') row.cells += 1;
  }
  return row;
}

function byFunction(comparisons: readonly Comparison[]): Row[] {
  const cells = new Map<string, CellComparison[]>();
  for (const cell of comparisons.flatMap((comparison) => comparison.cells)) {
    for (const name of cell.functions.length === 0 ? ['(operators)'] : cell.functions) {
      const list = cells.get(name);
      if (list) list.push(cell);
      else cells.set(name, [cell]);
    }
  }
  return [...cells].map(([name, list]) => countAll(name, list)).sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

function table(title: string, rows: readonly Row[]): string[] {
  const width = Math.max(title.length, ...rows.map((row) => row.name.length));
  const numbers = ['cells', 'equal', 'unsupported', 'different', 'volatile'] as const;
  const head = `${title.padEnd(width)}  ${numbers.map((name) => name.padStart(11)).join(' ')}`;
  return [
    head,
    '-'.repeat(head.length),
    ...rows.map(
      (row) => `${row.name.padEnd(width)}  ${numbers.map((name) => String(row[name]).padStart(11)).join(' ')}`,
    ),
  ];
}

function listed(title: string, comparisons: readonly Comparison[], outcome: CellComparison['outcome']): string[] {
  const lines = comparisons.flatMap(({ file, cells }) => {
    const found = cells.filter((cell) => cell.outcome === outcome);
    if (found.length === 0) return [];
    const features = new Set(found.flatMap(({ feature }) => (feature === undefined ? [] : [feature])));
    const shown = found.slice(0, 12).map((cell) => cell.address);
    const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : '';
    return [`  ${file}${features.size > 0 ? ` (${[...features].join(', ')})` : ''}: ${shown.join(' ')}${more}`];
  });
  return lines.length === 0 ? [] : [`${title}:`, ...lines, ''];
}

function different(comparisons: readonly Comparison[]): string[] {
  return comparisons.flatMap(({ file, cells }) =>
    cells
      .filter((cell) => cell.outcome === 'different')
      .map(
        (cell) =>
          `${file} ${cell.address}  =${cell.formula}  stored ${shown(cell.stored)}, computed ${shown(cell.computed)}`,
      ),
  );
}

function shown(value: CellValue): string {
  return isError(value) ? value.error : JSON.stringify(value);
}

function summary({ cells, equal, unsupported, different: differing }: Totals): string {
  const share = cells === 0 ? 100 : (equal / cells) * 100;
  return `${cells} cells compared: ${equal} equal (${share.toFixed(2)} %), ${unsupported} unsupported, ${differing} different`;
}

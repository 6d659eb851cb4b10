import type { FormulaCell } from './graph.ts';

type Next = (cell: FormulaCell) => Iterable<FormulaCell>;

/** All the cells that read each other round and round, in sheet and reading order, as Excel takes them. */
export function circleAround(circle: readonly FormulaCell[], precedents: Next, dependents: Next): FormulaCell[] {
  const below = reached(circle, precedents);
  const above = reached(circle, dependents);
  return [...below]
    .filter((cell) => above.has(cell))
    .sort((a, b) => a.sheet - b.sheet || a.row - b.row || a.column - b.column);
}

function reached(from: readonly FormulaCell[], next: Next): Set<FormulaCell> {
  const found = new Set<FormulaCell>();
  const waiting = [...from];
  for (let cell = waiting.pop(); cell; cell = waiting.pop()) {
    for (const other of next(cell)) {
      if (found.has(other)) continue;
      found.add(other);
      waiting.push(other);
    }
  }
  return found;
}

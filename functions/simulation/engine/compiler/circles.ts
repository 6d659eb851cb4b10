import type { CellId } from './cells.ts';

/**
 * The cells that read each other round and round: S. R. Kosaraju's strongly connected components. `order` has each
 * cell after what it reads, but for the reading that closes a circle.
 */
export function circlesAmong(order: readonly CellId[], reads: (cell: CellId) => readonly CellId[]): CellId[][] {
  const readers = new Map<CellId, CellId[]>(order.map((cell) => [cell, []]));
  for (const cell of order) for (const other of reads(cell)) readers.get(other)?.push(cell);
  const taken = new Set<CellId>();
  const circles: CellId[][] = [];
  for (const start of [...order].reverse()) {
    const members = taken.has(start) ? [] : untaken(start, readers, taken);
    const isCircle = members.length > 1 || (members.length === 1 && reads(start).includes(start));
    if (isCircle) circles.push(members.sort((a, b) => a - b));
  }
  return circles;
}

function untaken(start: CellId, readers: ReadonlyMap<CellId, readonly CellId[]>, taken: Set<CellId>): CellId[] {
  const found: CellId[] = [];
  const waiting = [start];
  for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
    if (taken.has(cell)) continue;
    taken.add(cell);
    found.push(cell);
    waiting.push(...(readers.get(cell) ?? []));
  }
  return found;
}

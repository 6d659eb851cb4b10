/** A cell that a workbook's own structure suggests, likeliest first; as GET /v1/workbooks/{id} shows them. */
export type SuggestedCell = { readonly cell: string; readonly value: number; readonly label?: string | undefined };

export type Suggestion = {
  readonly inputs: readonly { readonly cell: string; readonly distribution: string }[];
  readonly outputs: readonly string[];
  /** A sentence that says what was assumed. */
  readonly because: string;
};

/** That many cells in a column, at the least, are taken for a block of standard draws. */
const smallestBlock = 3;
const mostInputs = 8;
const mostOutputs = 4;
/** How far a plain number is moved to either side where nobody says how uncertain it is. */
const share = 0.1;

/**
 * What to simulate in a workbook of which its user has named nothing. Models built for simulation keep their draws in a block: cells
 * one under the other that hold a standard normal's mean (0) or a uniform's (0.5). Where there is none, the likeliest inputs are
 * moved by a tenth to either side. Undefined where the workbook suggests no input or no output.
 */
export function suggestedRun(
  inputs: readonly SuggestedCell[],
  outputs: readonly SuggestedCell[],
): Suggestion | undefined {
  const chosen = outputs.slice(0, mostOutputs).map(({ cell }) => cell);
  const draws = standardDraws(inputs);
  if (chosen.length === 0 || inputs.length === 0) return undefined;
  if (draws.length > 0) {
    return {
      inputs: draws.map(({ cell, value }) => ({ cell, distribution: value === 0 ? 'normal(0, 1)' : 'uniform(0, 1)' })),
      outputs: chosen,
      because: `${draws.length} cells in a block hold 0 or 0.5: taken as standard normal and uniform draws`,
    };
  }
  const moved = inputs.filter(({ value }) => value !== 0).slice(0, mostInputs);
  if (moved.length === 0) return undefined;
  return {
    inputs: moved.map(({ cell, value }) => ({ cell, distribution: aroundValue(value) })),
    outputs: chosen,
    because: `the ${moved.length} likeliest inputs are moved by up to ${100 * share} % to either side`,
  };
}

function aroundValue(value: number): string {
  const [low, high] = [value * (1 - share), value * (1 + share)];
  return `triangular(${Math.min(low, high)}, ${value}, ${Math.max(low, high)})`;
}

function standardDraws(inputs: readonly SuggestedCell[]): SuggestedCell[] {
  const standard = inputs.filter(({ value }) => value === 0 || value === 0.5);
  const rows = new Map<string, Map<number, SuggestedCell>>();
  for (const cell of standard) {
    const { column, row } = placeOf(cell.cell);
    rows.set(column, (rows.get(column) ?? new Map<number, SuggestedCell>()).set(row, cell));
  }
  return [...rows.values()].flatMap((column) =>
    blocksOf(column)
      .filter((block) => block.length >= smallestBlock && block.some(({ value }) => value === 0))
      .flat(),
  );
}

/** Cells one under the other. */
function blocksOf(column: ReadonlyMap<number, SuggestedCell>): SuggestedCell[][] {
  const blocks: SuggestedCell[][] = [];
  let last = Number.NaN;
  for (const [row, cell] of [...column].sort(([a], [b]) => a - b)) {
    if (row === last + 1) blocks.at(-1)?.push(cell);
    else blocks.push([cell]);
    last = row;
  }
  return blocks;
}

function placeOf(cell: string): { column: string; row: number } {
  const [, column = cell, row = '0'] = /^(.*?)(\d+)$/.exec(cell) ?? [];
  return { column, row: Number(row) };
}

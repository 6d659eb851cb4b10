import { cellId } from '../compiler/cells.ts';
import { worksheetFunctions } from '../functions/registry.ts';
import type { Machine } from '../kernel/machine.ts';
import { philox, type StreamKey, unitInterval } from '../kernel/philox.ts';
import type { CellValue } from '../workbook/model.ts';
import type { Recalculation } from './plan.ts';
import { createRecalculator } from './recalculator.ts';

/** The value of an output on a path: a number, a logical as 1 and 0, and NaN for a text or an error. */
export function asOutput(value: CellValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === null ? 0 : Number.NaN;
}

/** Reads cells of a machine's model on one path after another. */
export type PathReader = {
  /** Takes the path at that place of the machine's block. */
  readonly take: (place: number) => void;
  /** What a cell holds on it. */
  readonly value: (cell: number) => CellValue;
};

/**
 * The formula engine behind a compiled program: takes the program's outputs path by path and works out the rest.
 * `always`: everything below the inputs, even where the program has done a part of it.
 */
export function pathReader(machine: Machine, plan: Recalculation, always: boolean): PathReader {
  let place = 0;
  const output = (number: number) => machine.outputs[number]?.[place] ?? Number.NaN;
  const draws = pathDraws(plan, output);
  const start = (part: Recalculation['brief']) => createRecalculator(plan, part, worksheetFunctions, draws);
  const whole = start(plan.whole);
  const brief = always ? whole : start(plan.brief);
  let current = brief;
  return {
    take: (at) => {
      place = at;
      const isWhole = plan.brief.given.every((given) => Number.isFinite(output(given.output)));
      current = isWhole ? brief : whole;
      current.settle(output);
    },
    value: (cell) => current.value(cell),
  };
}

/** Samples of random calls as the program drew them; where one is not enough, further ones follow from its bits. */
function pathDraws(plan: Recalculation, output: (number: number) => number) {
  const counts = new Map<number, number>();
  const sample = (number: number) => output(plan.samples[number] ?? 0);
  const words = new Uint32Array(4);
  return {
    sample,
    restart: (cell: number) => {
      if (plan.streams.has(cell)) counts.set(cell, 0);
    },
    next: ({ sheet, row, column }: { sheet: number; row: number; column: number }) => {
      const cell = cellId(sheet, row, column);
      const count = counts.get(cell) ?? 0;
      counts.set(cell, count + 1);
      philox(count, cell | 0, Math.floor(cell / 2 ** 32), 1, keyOf(sample(plan.streams.get(cell) ?? 0)), words);
      return unitInterval(words[0] ?? 0, words[1] ?? 0);
    },
  };
}

const double = new Float64Array(1);
const bits = new Int32Array(double.buffer);

function keyOf(sample: number): StreamKey {
  double[0] = sample;
  return [bits[0] ?? 0, bits[1] ?? 0];
}

/** A machine whose outputs are a model's, the formula engine working out what the program leaves to it. */
export function recalculating(machine: Machine, plan: Recalculation): Machine {
  const reader = pathReader(machine, plan, false);
  const outputs = machine.outputs.slice(0, plan.shown).map((values, index) => {
    return plan.outputs[index] === undefined ? values : new Float64Array(values.length);
  });
  const worked = plan.outputs.flatMap((cell, index) => (cell === undefined ? [] : [{ cell, values: outputs[index] }]));
  return {
    ...machine,
    outputs,
    model: (paths) => {
      machine.model(paths);
      for (let place = 0; place < paths; place += 1) {
        reader.take(place);
        for (const { cell, values } of worked) if (values) values[place] = asOutput(reader.value(cell));
      }
    },
  };
}

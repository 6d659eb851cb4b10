import { deserialize, serialize } from 'node:v8';
import type { Gathered } from './gathered.ts';
import type { RunnableModel } from './job.ts';
import type { SuppliedColumn } from './rearrangement.ts';
import { type RunSettings, sensitivityPaths } from './settings.ts';
import { runStretch, type Stretch } from './stretch.ts';
import { mergedTally, type Tally } from './tally.ts';

/** What a portion of a run came to, to be kept anywhere until all are there. */
export type Partial = {
  readonly start: number;
  readonly end: number;
  /** Each path's value, output by output; none where values are counted. */
  readonly outputs: readonly Float64Array[];
  /** Each path's value, input by input, for the run's first paths only. */
  readonly inputs: readonly Float64Array[];
  /** Output by output, where values are counted. */
  readonly tallies: readonly Tally[] | undefined;
};

/**
 * Runs a portion of a run, whole chunks of it; undefined where it was stopped meanwhile. `supplied` are the samples
 * settled before, for the portion's own paths.
 */
export async function runPortion(
  settings: RunSettings,
  model: RunnableModel,
  supplied: readonly SuppliedColumn[],
  portion: Stretch,
  onProgress: (pathsDone: number) => void,
  signal: AbortSignal,
): Promise<Partial | undefined> {
  const { start, end, centres } = portion;
  const outputPaths = centres === undefined ? end - start : 0;
  const inputPaths = Math.max(0, Math.min(end, sensitivityPaths) - start);
  const { outputs, inputs } = settings.model;
  const room = (paths: number) => new SharedArrayBuffer(paths * 8);
  const values = [...outputs.map(() => room(outputPaths)), ...inputs.map(() => room(inputPaths))];
  const parts = await runStretch(settings, model, { first: start, supplied, values }, portion, onProgress, signal);
  if (parts === undefined) return undefined;
  const columns = values.map((buffer) => Float64Array.from(new Float64Array(buffer)));
  return {
    start,
    end,
    outputs: columns.slice(0, outputs.length),
    inputs: columns.slice(outputs.length),
    tallies: centres === undefined ? undefined : joined(parts),
  };
}

/** Writes a portion's values at their place among the run's, and returns its tallies. */
export function placePartial({ values }: Gathered, { start, outputs, inputs, tallies }: Partial): readonly Tally[] {
  [...outputs, ...inputs].forEach((column, index) => {
    const buffer = values[index];
    if (buffer !== undefined && column.length > 0) new Float64Array(buffer).set(column, start);
  });
  return tallies ?? [];
}

export function encodePartial(partial: Partial): Uint8Array {
  return serialize(partial);
}

/** Throws where the bytes were not written by `encodePartial`. */
export function decodePartial(bytes: Uint8Array): Partial {
  return deserialize(bytes) as Partial;
}

function joined(parts: readonly (readonly Tally[])[]): readonly Tally[] {
  const [first = [], ...others] = parts;
  return first.map((tally, output) =>
    others.reduce((sum, part) => {
      const other = part[output];
      return other === undefined ? sum : mergedTally(sum, other);
    }, tally),
  );
}

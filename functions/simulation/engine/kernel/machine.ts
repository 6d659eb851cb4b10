import { type CompiledModule, webAssembly } from './host.ts';
import type { StreamKey } from './philox.ts';
import type { CompiledModel } from './webassembly.ts';

/** Which of a stream's counters a uniform comes from: two words beside the block's number. */
export type Substream = readonly [number, number];

/** A compiled model ready to run, with memory of its own. Columns are views of that memory, a block of paths long. */
export type Machine = {
  readonly columns: readonly Float64Array[];
  readonly outputs: readonly Float64Array[];
  /** Fills a column with the stream's uniforms from `path` on; both numbers multiples of 8. */
  readonly uniform: (column: number, path: number, paths: number, key: StreamKey, substream: Substream) => void;
  /** Turns a column's uniforms into standard normals. */
  readonly normal: (column: number, paths: number) => void;
  /** Works out the outputs of the first `paths` of the block; an even number. */
  readonly model: (paths: number) => void;
};

type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly uniform: (...words: readonly number[]) => void;
  readonly normal: (column: number, paths: number) => void;
  readonly model: (paths: number) => void;
};

/** Makes a machine of a module compiled from the model's bytes (a module can be shared between workers). */
export function startMachine(compiled: CompiledModel, module: CompiledModule): Machine {
  const exports = webAssembly.instantiate(module).exports as Exports;
  const view = (address: number) => new Float64Array(exports.memory.buffer, address, compiled.block);
  const addressOf = (column: number) => {
    const address = compiled.columns[column];
    if (address === undefined) throw new RangeError(`there is no column ${column}`);
    return address;
  };
  return {
    columns: compiled.columns.map(view),
    outputs: compiled.outputs.map(view),
    uniform: (column, path, paths, [key0, key1], [word2, word3]) => {
      const block = path / 2;
      exports.uniform(addressOf(column), paths, block | 0, Math.floor(block / 2 ** 32), word2, word3, key0, key1);
    },
    normal: (column, paths) => exports.normal(addressOf(column), paths),
    model: exports.model,
  };
}

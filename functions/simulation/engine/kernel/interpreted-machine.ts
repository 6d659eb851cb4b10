import { createBuilder } from './builder.ts';
import { interpret } from './interpreter.ts';
import type { Machine } from './machine.ts';
import { normalQuantile } from './normal.ts';
import { philox, unitInterval } from './philox.ts';
import type { Program } from './program.ts';

const block = 512;

/** The machine of the interpreter: what a compiled one must equal, samples and all. */
export function startInterpretedMachine(program: Program): Machine {
  const columns = Array.from({ length: program.columns }, () => new Float64Array(block));
  const outputs = program.outputs.map(() => new Float64Array(block));
  const k = createBuilder();
  const quantile = k.finish([normalQuantile(k, k.column(0, { low: 2 ** -53, high: 1 - 2 ** -53 }))]);
  const words = new Uint32Array(4);
  return {
    columns,
    outputs,
    uniform: (column, path, paths, key, [word2, word3]) => {
      const values = columns[column];
      for (let index = 0; values && index < paths; index += 1) {
        const at = path + index;
        const counter = Math.floor(at / 8) * 4 + (at & 3);
        const half = ((at >>> 2) & 1) * 2;
        philox(counter | 0, Math.floor(counter / 2 ** 32), word2, word3, key, words);
        values[index] = unitInterval(words[half] ?? 0, words[half + 1] ?? 0);
      }
    },
    normal: (column, paths) => {
      const values = columns[column];
      const [normals] = values ? interpret(quantile, [values], paths) : [];
      if (values && normals) values.set(normals);
    },
    model: (paths) => {
      interpret(program, columns, paths).forEach((values, index) => {
        outputs[index]?.set(values);
      });
    },
  };
}

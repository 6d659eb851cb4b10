import test from 'ava';
import { createBuilder } from '../../../functions/simulation/engine/kernel/builder.ts';
import { exponential, logarithm, power } from '../../../functions/simulation/engine/kernel/exponential.ts';
import { webAssembly } from '../../../functions/simulation/engine/kernel/host.ts';
import { interpret } from '../../../functions/simulation/engine/kernel/interpreter.ts';
import { startMachine } from '../../../functions/simulation/engine/kernel/machine.ts';
import { normalCumulative, normalQuantile } from '../../../functions/simulation/engine/kernel/normal.ts';
import { philox, unitInterval } from '../../../functions/simulation/engine/kernel/philox.ts';
import { sine } from '../../../functions/simulation/engine/kernel/trigonometry.ts';
import { compileToWebAssembly } from '../../../functions/simulation/engine/kernel/webassembly.ts';

test('Philox gives the published words', (t) => {
  // Known answers from the authors' Random123 distribution (kat_vectors, philox4x32-10).
  const words = new Uint32Array(4);
  philox(0, 0, 0, 0, [0, 0], words);
  t.deepEqual([...words], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  philox(-1, -1, -1, -1, [-1, -1], words);
  t.deepEqual([...words], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, [0xa4093822, 0x299f31d0], words);
  t.deepEqual([...words], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
});

test('compiled code and the interpreter agree bit for bit', async (t) => {
  const k = createBuilder();
  const u = k.column(0, { low: 0, high: 1 });
  const z = k.column(1, { low: -39, high: 39 });
  const any = k.column(2, { low: -Infinity, high: Infinity });
  const outputs = [
    normalQuantile(k, u),
    normalCumulative(k, z),
    exponential(k, any),
    logarithm(k, any),
    power(k, any, z),
    sine(k, any),
    k.lookup(k.table(Float64Array.of(3, 1, 4, 1, 5)), k.apply('floor', k.multiply(u, k.constant(5)))),
  ];
  const program = k.finish(outputs);
  const compiled = await compileToWebAssembly(program);
  const machine = startMachine(compiled, await webAssembly.compile(compiled.bytes));
  const paths = 64;
  const key = [123, 456] as const;
  machine.uniform(0, 16, paths, key, [7, 9]);
  const words = new Uint32Array(4);
  for (let path = 0; path < paths; path += 1) {
    const half = (path >> 2) & 1;
    philox(8 + (path >> 3) * 4 + (path & 3), 0, 7, 9, key, words);
    t.is(machine.columns[0]?.[path], unitInterval(words[half * 2] ?? 0, words[half * 2 + 1] ?? 0));
  }
  machine.uniform(1, 16, paths, key, [7, 9]);
  machine.normal(1, paths);
  machine.columns[2]?.set([0, -1, -0.5, Infinity, -Infinity, Number.NaN, 1e-310, 1e308, 700, -720, 709.79, 3, 1e5]);
  machine.model(paths);
  const columns = machine.columns.map((column) => column.slice(0, paths));
  const expected = interpret(program, columns, paths);
  t.deepEqual(columns[1], expected[0], 'the sampler of normals is the inverse normal');
  for (const [index, values] of expected.entries()) {
    for (let path = 0; path < paths; path += 1) {
      const value = machine.outputs[index]?.[path] ?? 0;
      const wanted = values[path] ?? 0;
      const same = Object.is(value, wanted) || (!Number.isFinite(value) && !Number.isFinite(wanted));
      t.true(same, `output ${index}, path ${path}: ${value} and ${wanted}`);
    }
  }
});

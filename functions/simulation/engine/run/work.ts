import { startInterpretedMachine } from '../kernel/interpreted-machine.ts';
import { type Machine, startMachine } from '../kernel/machine.ts';
import { recalculating } from '../recalculation/machine.ts';
import { createSampler, type Sampler } from '../sampling/sampler.ts';
import { runPaths } from './chunk.ts';
import type { Job } from './job.ts';
import { chunkPaths } from './settings.ts';
import { addChunk, emptyTally, type Tally } from './tally.ts';

/**
 * Claims chunk after chunk until there are none left, and writes each path's values at the
 * path's own place: who ran which chunk leaves no trace.
 */
export function work(job: Job): readonly Tally[] {
  const progress = new Int32Array(job.progress);
  const columns = job.values.map((buffer) => new Float64Array(buffer));
  const machine = machineOf(job);
  const sample = samplerOf(job);
  const tallies = (job.centres ?? []).map(emptyTally);
  const pending = tallies.map(() => new Float64Array(chunkPaths));
  const chunks = Math.ceil((job.end - job.start) / chunkPaths);
  for (;;) {
    const chunk = Atomics.add(progress, 0, 1);
    if (chunk >= chunks) return tallies;
    const start = job.start + chunk * chunkPaths;
    const end = Math.min(job.end, start + chunkPaths);
    runPaths(machine, sample, start, end, (output, path, values) => {
      pending[output]?.set(values, path - start);
      keep(columns[output], path - job.first, values);
    });
    tallies.forEach((tally, output) => {
      addChunk(tally, start / chunkPaths, (pending[output] ?? new Float64Array()).subarray(0, end - start));
    });
    Atomics.add(progress, 1, 1);
  }
}

/** The plan's samples, but for the columns that were settled before. */
function samplerOf({ columns, plan, supplied, first }: Job): Sampler {
  const settled = supplied.map(({ column, values }) => ({ column, values: new Float64Array(values) }));
  const drawn = columns.map((_, column) => column).filter((column) => !settled.some((one) => one.column === column));
  const sample = createSampler(columns, plan, new Set(drawn));
  return (machine, path, paths) => {
    sample(machine, path, paths);
    const place = path - first;
    for (const { column, values } of settled) machine.columns[column]?.set(values.subarray(place, place + paths));
  };
}

function keep(column: Float64Array | undefined, place: number, values: Float64Array): void {
  if (column === undefined || place >= column.length) return;
  column.set(values.length > column.length - place ? values.subarray(0, column.length - place) : values, place);
}

function machineOf({ model }: Job): Machine {
  const machine =
    model.kind === 'webassembly' ? startMachine(model.compiled, model.module) : startInterpretedMachine(model.program);
  return model.recalculation === undefined ? machine : recalculating(machine, model.recalculation);
}

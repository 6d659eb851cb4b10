import type { Program } from '../kernel/program.ts';
import { replicates, type SampledColumn, type SamplingPlan } from '../sampling/sampler.ts';
import { sobolDimensions, sobolSteps } from '../sampling/sobol.ts';
import { streamKey } from '../sampling/stream-key.ts';
import { columnKinds } from './sampling-source.ts';

const bitCount = 32;
const columnWordCount = 3 + replicates + bitCount;

/**
 * What the kernel is told of a run's columns: stream key and kind, the keys of their randomisations, Sobol's steps (all
 * 0 for a dimension that has none); as createSampler settles them.
 */
export function columnWords(program: Program, columns: readonly SampledColumn[], plan: SamplingPlan): Uint32Array {
  const read = new Set(program.operations.map((operation, at) => (operation === 'column' ? program.first[at] : -1)));
  const words = new Uint32Array(program.columns * columnWordCount);
  columns.slice(0, program.columns).forEach(({ identity, from }, column) => {
    const at = column * columnWordCount;
    words.set(streamKey(plan.seed, identity), at);
    words[at + 2] = read.has(column) ? columnKinds[from] : columnKinds.unread;
    if (plan.method !== 'latin-hypercube' && plan.method !== 'sobol') return;
    for (let group = 0; group < replicates; group += 1) {
      words[at + 3 + group] = streamKey(plan.seed, identity, `${plan.method}/${group}`)[0];
    }
    if (plan.method === 'sobol' && column < sobolDimensions) words.set(sobolSteps(column), at + 3 + replicates);
  });
  return words;
}

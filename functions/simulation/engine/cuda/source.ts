import { type Program, pruned } from '../kernel/program.ts';
import { operationSource } from './expression.ts';
import { modelSource } from './model-source.ts';
import { platformSource } from './platform-source.ts';
import { reductionSource } from './reduction-source.ts';
import { samplingSource } from './sampling-source.ts';
import { momentFields, sharedColumns, tilePaths } from './shape.ts';

/** A model as CUDA C++, and what the memory that its kernel asks for depends on. */
export type CudaSource = {
  readonly text: string;
  readonly program: Program;
  /** The first outputs, which are reduced; the others are only ever kept. */
  readonly counted: number;
  /** Doubles that a thread keeps between a long program's parts. */
  readonly spilled: number;
  /** A tile's samples lie in global memory, since shared memory does not hold them. */
  readonly samplesInMemory: boolean;
};

/**
 * The source of a model with its sampling and its reduction: the kernels `simulate` and `collect`, for a GPU's compiler
 * or, with the threads of a block as loops, for a host's.
 */
export function cudaSource(source: Program, counted: number, chunk: number): CudaSource {
  const program = pruned(source);
  const samplesInMemory = program.columns > sharedColumns;
  const model = modelSource(program, counted);
  const text = [
    platformSource,
    runSource(program.columns, counted, chunk, model.spilled, samplesInMemory),
    operationSource,
    samplingSource,
    reductionSource,
    model.text,
    kernelSource(samplesInMemory),
  ].join('\n');
  return { text, program, counted, spilled: model.spilled, samplesInMemory };
}

/** The sizes, and a launch's parameters; portion.ts writes its fields in this order. */
function runSource(columns: number, counted: number, chunk: number, spilled: number, samplesInMemory: boolean): string {
  return `
const u32 COLUMNS = ${columns};
const u32 COUNTED = ${counted};
const u32 CHUNK = ${chunk};
const u32 SPILLED = ${spilled}; /* doubles of a thread between the parts of a long model */
typedef ${samplesInMemory ? 'u32' : 'u16'} Listed;

struct Run {
  u64 first, end;         /* the paths of this launch; first is a multiple of CHUNK */
  const u32* columns;
  const double* tables;
  const double* centres;  /* of the sketches, output by output */
  double* values;         /* where outputs are kept, or else each block's own */
  double* samples;        /* of each block's tile, with its list of tails behind, where they are not in shared memory */
  double* spilled;        /* of each block's threads, between the parts of a long model */
  double* moments;        /* by chunk and output */
  u32* counts;            /* of the sketches' bins, output by output */
  u64 stride;             /* from one kept output to the next */
  u32 chunks, method, groupSize;
  u32 kept;               /* outputs that are kept; 0, or all that are counted at least */
  u32 reduced;            /* 1 where outputs are reduced */
};
`;
}

function kernelSource(samplesInMemory: boolean): string {
  const samples = samplesInMemory
    ? `  double* const samples = run.samples + (u64)BLOCK * COLUMNS * (TILE + TILE / 2u);
  Listed* const list = (Listed*)(samples + COLUMNS * TILE);`
    : `  SHARED double samples[COLUMNS * TILE + 1u];
  SHARED Listed list[COLUMNS * TILE + 1u];`;
  return `
KERNEL(simulate, Run) {
${samples}
  SHARED u32 listed;
  EACH_THREAD(thread) if (thread == 0u) listed = 0;
  for (u32 chunk = BLOCK; chunk < run.chunks; chunk += BLOCKS) {
    const u64 start = run.first + (u64)chunk * CHUNK;
    const u32 count = run.end - start < CHUNK ? (u32)(run.end - start) : CHUNK;
    const u32 stored = run.kept > 0u ? run.kept : COUNTED;
    const u64 stride = run.kept > 0u ? run.stride : CHUNK;
    double* const values = run.values + (run.kept > 0u ? (u64)chunk * CHUNK : (u64)BLOCK * COUNTED * CHUNK);

    for (u32 tile = 0; tile < count; tile += TILE) {
      EACH_THREAD(thread) draw(run, start + tile, samples, list, &listed, thread);
      EACH_THREAD(thread) for (u32 entry = thread; entry < listed; entry += THREADS) {
        samples[list[entry]] = normal_tail(samples[list[entry]]);
      }
      EACH_THREAD(thread) {
        if (thread == 0u) listed = 0;
        double* const spilled = run.spilled + (u64)BLOCK * SPILLED * THREADS + thread;
        for (u32 path = thread; path < TILE; path += THREADS) {
          model(samples + path, run.tables, spilled, values + tile + path, stride, stored);
        }
      }
    }
    if (run.reduced != 0u) {
      for (u32 output = 0; output < COUNTED; ++output) {
        double* const into = run.moments + ((u64)chunk * COUNTED + output) * ${momentFields}u;
        reduce(run, values + output * stride, count, output, into);
      }
    }
  }
}
`;
}

/** Doubles that a block needs for its samples and their list where they are not in shared memory. */
export function sampleDoubles({ samplesInMemory, program }: CudaSource): number {
  return samplesInMemory ? program.columns * (tilePaths + tilePaths / 2) : 0;
}

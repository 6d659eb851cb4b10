import { momentLanes } from '../statistics/moments.ts';

/** Threads in a block. A thread adds what one lane of a chunk's moments adds, so there are as many. */
export const blockThreads = momentLanes;

/**
 * Blocks that a multiprocessor is to hold at once, as far as registers go: 102 a thread. The margin model then takes 94
 * at sm_90 and none is spilled; left alone the compiler takes 124, and a multiprocessor holds four blocks.
 */
export const blocksAtOnce = 5;

/** Paths that a block samples at a time: two a thread, as each block of Philox words gives two uniforms. */
export const tilePaths = 2 * blockThreads;

/** Up to so many columns a tile's samples lie in shared memory (48 KiB are always there), beyond in global memory. */
export const sharedColumns = 16;

/** Counters of a sketch: 21 bits of a distance's pattern and its sign. */
export const sketchBinCount = 2 ** 22;
export const negativeBins = sketchBinCount / 2;

/** Numbers that a chunk leaves for each output: count, errors, mean, three sums of powers, minimum, maximum. */
export const momentFields = 8;

import { blocksAtOnce, blockThreads } from './shape.ts';

/**
 * What differs between a GPU and a host compiler. The rest of the source is written as steps that all threads of a
 * block take together; on a host each step is a loop over the threads, so the same text runs where no GPU is.
 */
export const platformSource = `
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
const u32 THREADS = ${blockThreads};

#if defined(__CUDACC__) || defined(__CUDACC_RTC__)

#define KERNEL(name, Parameters) extern "C" __global__ void __launch_bounds__(${blockThreads}, ${blocksAtOnce}) name(const Parameters run)
#define FUNCTION [[maybe_unused]] static __device__ __forceinline__
#define PART static __device__ __noinline__
#define SHARED __shared__
#define BLOCK blockIdx.x
#define BLOCKS gridDim.x
#define EACH_THREAD(thread) for (u32 thread = threadIdx.x, due = 1; due; due = 0, __syncthreads())

FUNCTION u64 bits_of(double x) { return (u64)__double_as_longlong(x); }
FUNCTION double double_of(u64 bits) { return __longlong_as_double((long long)bits); }
FUNCTION void increase(u32* counter) { atomicAdd(counter, 1u); }
FUNCTION u32 next_of(u32* counter) { return atomicAdd(counter, 1u); }

/* The place of a thread's entry in a list that all fill; one addition for all threads of a warp that come here together. */
FUNCTION u32 place_in(u32* listed, bool wanted) {
  const u32 together = __activemask();
  const u32 wanting = __ballot_sync(together, wanted);
  const u32 lane = threadIdx.x & 31u;
  const u32 leader = __ffs(together) - 1;
  u32 first = 0;
  if (lane == leader && wanting != 0) first = atomicAdd(listed, (u32)__popc(wanting));
  first = __shfl_sync(together, first, leader);
  return first + __popc(wanting & ((1u << lane) - 1u));
}

#else

#include <cmath>
using std::ceil;
using std::fabs;
using std::floor;
using std::sqrt;
using std::trunc;

static u32 host_block, host_blocks;
#define KERNEL(name, Parameters) \\
  static void name(const Parameters run); \\
  extern "C" void host_##name(u32 blocks, const Parameters* run) { \\
    host_blocks = blocks; \\
    for (host_block = 0; host_block < blocks; ++host_block) name(*run); \\
  } \\
  static void name(const Parameters run)
#define FUNCTION [[maybe_unused]] static inline
#define PART static
#define SHARED static
#define BLOCK host_block
#define BLOCKS host_blocks
/* Threads of a GPU come in any order: to show that none matters, a test has them come in the other one. */
#ifdef BACKWARDS
#define EACH_THREAD(thread) for (u32 thread = THREADS; thread-- > 0;)
#else
#define EACH_THREAD(thread) for (u32 thread = 0; thread < THREADS; ++thread)
#endif

FUNCTION u64 bits_of(double x) { u64 bits; __builtin_memcpy(&bits, &x, 8); return bits; }
FUNCTION double double_of(u64 bits) { double x; __builtin_memcpy(&x, &bits, 8); return x; }
FUNCTION void increase(u32* counter) { *counter += 1; }
FUNCTION u32 next_of(u32* counter) { return (*counter)++; }
FUNCTION u32 place_in(u32* listed, bool wanted) { return wanted ? (*listed)++ : 0; }

#endif
`;

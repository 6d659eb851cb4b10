import { createHash } from 'node:crypto';
import type { Program } from '../kernel/program.ts';
import { chunkPaths } from '../run/settings.ts';
import type { SampledColumn } from '../sampling/sampler.ts';
import { deviceMemory } from './device-memory.ts';
import { type Driver, GpuError, type Handle, openDriver } from './driver.ts';
import type { LoadedKernels } from './loaded-kernels.ts';
import { type Compiler, openNvrtc } from './nvrtc.ts';
import { type Portion, type PortionRequest, runPortion, type Watch } from './portion.ts';
import { blockThreads } from './shape.ts';
import { type CudaSource, cudaSource } from './source.ts';

/** Keeps compiled code by a key. */
export type CodeCache = {
  readonly get: (key: string) => Promise<Uint8Array | undefined>;
  readonly put: (key: string, bytes: Uint8Array) => Promise<void>;
};

/** exact: the processor's bits. fast: multiplications and additions fused, 1e-10 of them. */
export type Mode = 'exact' | 'fast';

export type GpuModel = {
  readonly program: Program;
  readonly columns: readonly SampledColumn[];
  /** The program's first outputs, which are counted; the others (a run's inputs) are only ever kept. */
  readonly counted: number;
  readonly mode: Mode;
};

export type LoadedModel = {
  /** Runs some paths; undefined where they were cancelled meanwhile. Throws GpuError. */
  readonly run: (request: PortionRequest, watch?: Watch) => Promise<Portion | undefined>;
  readonly unload: () => void;
};

export type Gpu = {
  readonly kind: 'gpu';
  readonly name: string;
  /** "8.9" is an L4's, "9.0" an H200's. */
  readonly computeCapability: string;
  readonly memoryBytes: number;
  readonly multiprocessors: number;
  readonly clockHertz: number;
  /** Compiles a model, or takes its code from the cache. Throws GpuError where neither can be done. */
  readonly load: (model: GpuModel) => Promise<LoadedModel>;
  readonly close: () => void;
};

export type OpenOptions = {
  readonly cache?: CodeCache;
  /** The driver library's names, where not the usual ones. */
  readonly driver?: readonly string[];
  /** The compiler, where not NVRTC under its usual names. */
  readonly compiler?: Compiler;
};

const attributes = { multiprocessors: 16, clockKilohertz: 13, major: 75, minor: 76 } as const;

/** Opens the machine's first GPU for the calling thread, or says in a sentence why there is none. */
export async function openGpu(
  options: OpenOptions = {},
): Promise<Gpu | { readonly kind: 'absent'; readonly reason: string }> {
  const driver = await openDriver(options.driver);
  if (typeof driver === 'string') return { kind: 'absent', reason: driver };
  try {
    return opened(driver, options);
  } catch (error) {
    if (error instanceof GpuError) return { kind: 'absent', reason: error.message };
    throw error;
  }
}

function opened(driver: Driver, options: OpenOptions): Gpu {
  const { call } = driver;
  call('cuInit', 0);
  const device = number((into) => call('cuDeviceGet', into, 0));
  const attribute = (which: number) => number((into) => call('cuDeviceGetAttribute', into, which, device));
  const name = new Uint8Array(256);
  call('cuDeviceGetName', name, name.length, device);
  const memory = new BigUint64Array(1);
  call('cuDeviceTotalMem_v2', memory, device);
  const context = handle((into) => call('cuDevicePrimaryCtxRetain', into, device));
  call('cuCtxSetCurrent', context);
  const multiprocessors = attribute(attributes.multiprocessors);
  const [major, minor] = [attribute(attributes.major), attribute(attributes.minor)];
  return {
    kind: 'gpu',
    name: Buffer.from(name).toString('utf8').replace(/\0.*$/s, ''),
    computeCapability: `${major}.${minor}`,
    memoryBytes: Number(memory[0] ?? 0n),
    multiprocessors,
    clockHertz: attribute(attributes.clockKilohertz) * 1000,
    load: (model) => loaded(driver, options, { architecture: `sm_${major}${minor}`, multiprocessors }, model),
    close: () => call('cuDevicePrimaryCtxRelease_v2', device),
  };
}

type Target = { readonly architecture: string; readonly multiprocessors: number };

async function loaded(driver: Driver, options: OpenOptions, target: Target, model: GpuModel): Promise<LoadedModel> {
  const source = cudaSource(model.program, model.counted, chunkPaths);
  const module = await moduleOf(driver, options, source, compileOptions(target.architecture, model.mode));
  const kernel = (name: string) => handle((into) => driver.call('cuModuleGetFunction', into, module, name));
  const simulate = kernel('simulate');
  const resident = number((into) =>
    driver.call('cuOccupancyMaxActiveBlocksPerMultiprocessor', into, simulate, blockThreads, 0),
  );
  const memory = deviceMemory(driver);
  const kernels: LoadedKernels = {
    source,
    columns: model.columns,
    simulate,
    collect: kernel('collect'),
    tables: memory.put(Float64Array.from(source.program.tables.flatMap((table) => [...table]))),
    blocks: Math.max(1, resident) * target.multiprocessors,
  };
  return {
    run: (request, watch) => runPortion(driver, kernels, request, watch),
    unload: () => {
      memory.release();
      driver.call('cuModuleUnload', module);
    },
  };
}

/** Machine code for this very architecture, not PTX: an older driver refuses a newer compiler's PTX. */
export function compileOptions(architecture: string, mode: Mode): string[] {
  return [`--gpu-architecture=${architecture}`, `--fmad=${mode === 'fast'}`, '--std=c++17'];
}

async function moduleOf(
  driver: Driver,
  { cache, compiler }: OpenOptions,
  { text }: CudaSource,
  given: readonly string[],
): Promise<Handle> {
  const key = createHash('sha256')
    .update(JSON.stringify([text, given]))
    .digest('hex');
  const kept = await cache?.get(key);
  if (kept !== undefined) {
    const module = moduleFrom(driver, kept);
    if (typeof module === 'bigint') return module;
  }
  const usable = compiler ?? (await openNvrtc(driverVersion(driver)));
  if (typeof usable === 'string') throw new GpuError(usable);
  const code = usable.compile(text, given);
  const module = moduleFrom(driver, code);
  if (typeof module !== 'bigint') throw module;
  await cache?.put(key, code);
  return module;
}

/** "12.2" where the driver says 12020. */
function driverVersion({ call }: Driver): string {
  const version = number((into) => call('cuDriverGetVersion', into));
  return `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`;
}

/** Code that another driver's compiler made may be refused; it is then compiled anew. */
function moduleFrom(driver: Driver, code: Uint8Array): Handle | GpuError {
  try {
    return handle((into) => driver.call('cuModuleLoadData', into, code));
  } catch (error) {
    if (error instanceof GpuError) return error;
    throw error;
  }
}

function handle(fill: (into: BigUint64Array) => void): Handle {
  const into = new BigUint64Array(1);
  fill(into);
  return into[0] ?? 0n;
}

function number(fill: (into: Int32Array) => void): number {
  const into = new Int32Array(1);
  fill(into);
  return into[0] ?? 0;
}

import { firstLibrary } from './library.ts';

/** The driver or the compiler refused a call. */
export class GpuError extends Error {
  override readonly name = 'GpuError';
}

/** Addresses and handles of the driver's, as 64-bit numbers. */
export type Handle = bigint;

/** An array whose memory a call reads or fills. */
type Memory = Float64Array | Uint32Array | BigUint64Array | Uint8Array | Int32Array;

type Parameter = Handle | number | string | Memory | null;

/** cuEventQuery's answer while the work goes on. */
const notReady = 600;

/** What is used of the driver API (cuda.h, CUDA 12): its names and its parameters' types. */
const signatures = {
  cuInit: ['uint'],
  cuDriverGetVersion: ['void *'],
  cuDeviceGet: ['void *', 'int'],
  cuDeviceGetName: ['void *', 'int', 'int'],
  cuDeviceGetAttribute: ['void *', 'int', 'int'],
  cuDeviceTotalMem_v2: ['void *', 'int'],
  cuDevicePrimaryCtxRetain: ['void *', 'int'],
  cuDevicePrimaryCtxRelease_v2: ['int'],
  cuCtxSetCurrent: ['uint64'],
  cuModuleLoadData: ['void *', 'void *'],
  cuModuleUnload: ['uint64'],
  cuModuleGetFunction: ['void *', 'uint64', 'str'],
  cuMemGetInfo_v2: ['void *', 'void *'],
  cuMemAlloc_v2: ['void *', 'size_t'],
  cuMemFree_v2: ['uint64'],
  cuMemcpyHtoD_v2: ['uint64', 'void *', 'size_t'],
  cuMemcpyDtoH_v2: ['void *', 'uint64', 'size_t'],
  cuMemsetD8_v2: ['uint64', 'uchar', 'size_t'],
  cuOccupancyMaxActiveBlocksPerMultiprocessor: ['void *', 'uint64', 'int', 'size_t'],
  cuLaunchKernel: [
    ...['uint64', 'uint', 'uint', 'uint', 'uint', 'uint', 'uint', 'uint', 'uint64'],
    ...['void **', 'void *'],
  ],
  cuEventCreate: ['void *', 'uint'],
  cuEventRecord: ['uint64', 'uint64'],
  cuEventQuery: ['uint64'],
  cuEventDestroy_v2: ['uint64'],
} as const satisfies Record<string, readonly string[]>;

type Call = keyof typeof signatures;

export type Driver = {
  /** Makes a call. Throws GpuError where the driver answers anything but success. */
  readonly call: (name: Call, ...parameters: readonly (Parameter | readonly Memory[])[]) => void;
  /** Whether what an event marks is done. */
  readonly reached: (event: Handle) => boolean;
};

const usualNames = ['libcuda.so.1', 'libcuda.so', '/usr/local/nvidia/lib64/libcuda.so.1', 'nvcuda.dll'];

/** Opens NVIDIA's driver; a sentence where there is none. */
export async function openDriver(names: readonly string[] = usualNames): Promise<Driver | string> {
  const loaded = await firstLibrary(names);
  if (loaded.kind === 'absent') return `there is no NVIDIA driver (${loaded.reason})`;
  const { library } = loaded;
  const functions = new Map<string, (...parameters: readonly unknown[]) => number>();
  const functionOf = (name: Call) => {
    const standing = functions.get(name);
    if (standing !== undefined) return standing;
    const found: (...parameters: readonly unknown[]) => number = library.func(name, 'int', [...signatures[name]]);
    functions.set(name, found);
    return found;
  };
  const nameError = library.func('cuGetErrorName', 'int', ['int', '_Out_ str *']);
  const errorName = (code: number) => {
    const name = [''];
    nameError(code, name);
    return name[0] ?? `code ${code}`;
  };
  return {
    call: (name, ...parameters) => {
      const code = functionOf(name)(...parameters);
      if (code !== 0) throw new GpuError(`${name} was refused: ${errorName(code)}`);
    },
    reached: (event) => {
      const code = functionOf('cuEventQuery')(event);
      if (code !== 0 && code !== notReady) throw new GpuError(`the GPU stopped: ${errorName(code)}`);
      return code === 0;
    },
  };
}

/** Starts a kernel that takes one structure, given as its bytes, on so many blocks of so many threads. */
export function launch(
  { call }: Driver,
  kernel: Handle,
  [blocks, threads]: readonly [number, number],
  parameters: Uint8Array,
): void {
  call('cuLaunchKernel', kernel, blocks, 1, 1, threads, 1, 1, 0, 0n, [parameters], null);
}

import { dirname, join } from 'node:path';
import process from 'node:process';
import { GpuError } from './driver.ts';
import { firstLibrary } from './library.ts';

/** Turns a source into a machine's code. */
export type Compiler = {
  /** Throws GpuError with the compiler's own words where it cannot. */
  readonly compile: (source: string, options: readonly string[]) => Uint8Array;
};

/** What the engine was built against: the L4's driver 535 is CUDA 12.2's. */
const oldestMajor = 12;

/**
 * CUDA_PATH's library where it is set, then the names that the system's folders are searched for; none newer than the
 * driver, which would refuse what it makes.
 */
function usualNames(environment: NodeJS.ProcessEnv, driverMajor: number): string[] {
  const majors = Array.from({ length: Math.max(0, driverMajor - oldestMajor + 1) }, (_, later) => driverMajor - later);
  const names = [...majors.map((major) => `libnvrtc.so.${major}`), 'libnvrtc.so'];
  const folders = [environment.CUDA_PATH, '/usr/local/cuda'].filter((folder) => folder !== undefined);
  return [
    ...folders.flatMap((folder) => ['lib64', 'lib'].flatMap((inner) => names.map((name) => join(folder, inner, name)))),
    ...names,
    ...majors.map((major) => `nvrtc64_${major}0_0.dll`),
  ];
}

/**
 * Opens NVIDIA's run-time compiler; a sentence where there is none, or none that goes with the driver, whose CUDA version
 * is given.
 */
export async function openNvrtc(driverVersion: string, names?: readonly string[]): Promise<Compiler | string> {
  const driverMajor = Number.parseInt(driverVersion, 10);
  const loaded = await firstLibrary(names ?? usualNames(process.env, driverMajor));
  if (loaded.kind === 'absent') return `there is no NVRTC (${loaded.reason})`;
  const { library } = loaded;
  const version = library.func('nvrtcVersion', 'int', ['_Out_ int *', '_Out_ int *']);
  const [major, minor] = [[0], [0]];
  version(major, minor);
  const number = `${major[0]}.${minor[0]}`;
  if ((major[0] ?? 0) < oldestMajor) return `NVRTC ${number} is too old: ${oldestMajor} or later is needed`;
  if ((major[0] ?? 0) > driverMajor)
    return `NVRTC ${number} is too new for the driver, which is CUDA ${driverVersion}'s`;
  await openBuiltins(loaded.name, number);
  return { compile: compilerOf(library) };
}

/** NVRTC opens its built-in functions by name alone, and finds them only where they are open already. */
async function openBuiltins(nvrtc: string, version: string): Promise<void> {
  const name = `libnvrtc-builtins.so.${version}`;
  await firstLibrary([join(dirname(nvrtc), name), name], true);
}

function compilerOf(library: { readonly func: (name: string, result: string, parameters: string[]) => unknown }) {
  const bound = <T>(name: string, ...parameters: string[]) => library.func(name, 'int', parameters) as T;
  const create = bound<(...parameters: unknown[]) => number>(
    'nvrtcCreateProgram',
    ...['void *', 'str', 'str', 'int', 'void *', 'void *'],
  );
  const compile = bound<(program: bigint, count: number, options: readonly string[]) => number>(
    'nvrtcCompileProgram',
    ...['uint64', 'int', 'str *'],
  );
  const size = (of: string) => bound<(program: bigint, size: BigUint64Array) => number>(of, 'uint64', 'void *');
  const bytes = (of: string) => bound<(program: bigint, into: Uint8Array) => number>(of, 'uint64', 'void *');
  const [codeSize, code, logSize, log] = [
    size('nvrtcGetCUBINSize'),
    bytes('nvrtcGetCUBIN'),
    size('nvrtcGetProgramLogSize'),
    bytes('nvrtcGetProgramLog'),
  ];
  const destroy = bound<(program: BigUint64Array) => number>('nvrtcDestroyProgram', 'void *');

  function filled(program: bigint, sizeOf: typeof codeSize, fill: typeof code): Uint8Array {
    const length = new BigUint64Array(1);
    sizeOf(program, length);
    const result = new Uint8Array(Number(length[0] ?? 0n));
    if (result.length > 0) fill(program, result);
    return result;
  }

  return (source: string, options: readonly string[]): Uint8Array => {
    const program = new BigUint64Array(1);
    if (create(program, source, 'model.cu', 0, null, null) !== 0) throw new GpuError('NVRTC took no program');
    try {
      const failed = compile(program[0] ?? 0n, options.length, options);
      if (failed === 0) return filled(program[0] ?? 0n, codeSize, code);
      const said = Buffer.from(filled(program[0] ?? 0n, logSize, log))
        .toString()
        .replace(/\0$/, '');
      throw new GpuError(`NVRTC could not compile the model (${failed}): ${said}`);
    } finally {
      destroy(program);
    }
  };
}

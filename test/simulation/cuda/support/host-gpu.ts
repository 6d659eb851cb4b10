import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CodeCache, type Gpu, openGpu } from '../../../../functions/simulation/engine/cuda/gpu.ts';
import type { Compiler } from '../../../../functions/simulation/engine/cuda/nvrtc.ts';

/** Whether a command can be run here. */
export function isInstalled(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether the processor fuses a multiplication with an addition. */
export function fusesOperations(): boolean {
  return /^flags.*\bfma\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

export type HostGpu = { readonly gpu: Gpu; readonly compiled: () => number; readonly remove: () => void };

/**
 * A GPU whose device is this processor: the engine's own calls, through the same bindings, to a driver that g++ built,
 * which runs the kernels' very source, compiled with `flags`. `compiled` says how often it had to be compiled.
 */
export async function openHostGpu(cache?: CodeCache, ...flags: readonly string[]): Promise<HostGpu> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-host-gpu-'));
  const driver = join(folder, 'libhostdriver.so');
  gxx(['-O1', '-shared', '-fPIC', fileURLToPath(new URL('host-driver.cpp', import.meta.url)), '-o', driver]);
  let compiled = 0;
  const compiler: Compiler = {
    compile: (source, options) => {
      compiled += 1;
      return compiledForHost(folder, source, options, flags);
    },
  };
  const gpu = await openGpu({ driver: [driver], compiler, ...(cache === undefined ? {} : { cache }) });
  if (gpu.kind === 'absent') throw new Error(gpu.reason);
  return { gpu, compiled: () => compiled, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function compiledForHost(
  folder: string,
  source: string,
  options: readonly string[],
  flags: readonly string[],
): Uint8Array {
  const text = join(folder, 'model.cpp');
  const library = join(folder, 'model.so');
  writeFileSync(text, source);
  const fused = options.includes('--fmad=true') ? ['-ffp-contract=fast', '-mfma'] : ['-ffp-contract=off'];
  gxx(['-std=c++17', '-O2', ...fused, ...flags, '-shared', '-fPIC', text, '-o', library]);
  const code = readFileSync(library);
  const image = new Uint8Array(8 + code.length);
  new DataView(image.buffer).setBigUint64(0, BigInt(code.length), true);
  image.set(code, 8);
  return image;
}

function gxx(words: readonly string[]): void {
  execFileSync('g++', words, { stdio: 'pipe' });
}

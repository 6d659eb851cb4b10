import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobEntry } from '../functions/core/manifest.ts';
import { type BuiltBundle, buildBundle, type Toolchain } from './build-bundle.ts';

/** Nothing is installed where a job runs: native packages go along as they are, in what Linux on x86-64 needs of them. */
const NATIVE: Readonly<Record<string, readonly string[]>> = {
  koffi: [
    'node_modules/koffi/{package.json,index.js,index.cjs}',
    'node_modules/koffi/src/koffi/{,src/}*.{js,cjs}',
    'node_modules/@koromix/koffi-linux-x64/{package.json,index.js}',
    'node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node',
  ],
};

/** Bundles a job with core, its libraries and its native packages: a program that runs one attempt and ends. */
export async function buildJob(
  toolchain: Toolchain,
  { name, context, file }: JobEntry,
  calls: Record<string, string>,
): Promise<BuiltBundle> {
  const lines = [
    `import { runJob } from './functions/core/run-job.ts';`,
    `import declaration from './functions/${context}/${file}.ts';`,
    `process.exit(await runJob(declaration, ${JSON.stringify({ name, context, calls })}, process.env));`,
  ];
  const built = await buildBundle(toolchain, lines, Object.keys(NATIVE));
  for (const [library, patterns] of Object.entries(NATIVE)) {
    if (!built.imported.has(library)) continue;
    for (const pattern of patterns) await addFiles(toolchain.root, pattern, built.files);
  }
  return built;
}

/** Throws where there is none: the packages of another platform are not installed here. */
async function addFiles(root: string, pattern: string, files: Map<string, Uint8Array>): Promise<void> {
  const paths = await Array.fromAsync(glob(pattern, { cwd: root }));
  if (paths.length === 0) throw new Error(`${pattern} is missing: build jobs with native code on Linux, x86-64`);
  for (const path of paths) files.set(path, await readFile(join(root, path)));
}

/** Node itself, for images that have none. Throws on another platform than theirs. */
export function nodeBinary(root: string): string {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('jobs on CUDA images are deployed from Linux on x86-64: they take their Node from here');
  return join(root, 'node_modules', 'node', 'bin', 'node');
}

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Written beside each bundle: what it was built from. */
export interface BuildRecord {
  /** SHA-256 of the bundle's content, which its object in the bucket is named after. */
  hash: string;
  /** Bytes of the archive. */
  archiveBytes: number;
  /** SHA-256 of everything the build depends on. */
  key: string;
  /** Our own source files that went in, from the root. */
  inputs: string[];
}

/** Changing how bundles are made changes every bundle. */
const BUILD_FILES = [
  'infra/build-bundle.ts',
  'infra/build-function.ts',
  'infra/build-job.ts',
  'infra/build-libraries.ts',
  'infra/esbuild-options.ts',
];

/** Tells whether a bundle is still what its sources say. Each source file is read once, however many functions use it. */
export class SourceHashes {
  readonly #root: string;
  readonly #hashes = new Map<string, Promise<string>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Changes when one of these files, the function's surroundings, or any dependency does. */
  async keyOf(inputs: readonly string[], surroundings: unknown): Promise<string> {
    // Libraries are known by the lock file: hashing their thousands of files would take longer than building.
    const files = ['package-lock.json', ...BUILD_FILES, ...inputs.filter((path) => !path.includes('node_modules/'))];
    const hashes = await Promise.all(files.map((path) => this.#hashOf(path)));
    return sha256(JSON.stringify([surroundings, files, hashes]));
  }

  #hashOf(path: string): Promise<string> {
    const known = this.#hashes.get(path);
    if (known !== undefined) return known;
    const hash = readFile(join(this.#root, path)).then(sha256, () => 'missing');
    this.#hashes.set(path, hash);
    return hash;
  }
}

/** The hash of a set of files: of their paths and contents, not of an archive's bytes, which differ between zlib's versions. */
export function contentHash(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const [path, content] of [...files].sort(([left], [right]) => (left < right ? -1 : 1))) {
    hash.update(`${path}\n${content.byteLength}\n`).update(content);
  }
  return hash.digest('hex');
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

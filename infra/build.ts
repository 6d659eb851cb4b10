import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { collectManifest, contextsOf, type Manifest, type ManifestEntry } from '../functions/core/manifest.ts';
import { functionsCalledBy } from '../functions/core/manifest-problems.ts';
import { type BuildRecord, contentHash, SourceHashes, sha256 } from './build-cache.ts';
import { buildFunction, type Toolchain } from './build-function.ts';
import { type BuiltLibraries, buildLibraries } from './build-libraries.ts';
import { buildMigrator, withMigrations } from './build-migration.ts';
import type { Bundle, Bundles } from './bundle.ts';
import { zip } from './zip.ts';

export interface BuildOptions {
  /** Of the source tree. */
  root: string;
  manifest: Manifest;
  /** Gets `functions/<name>/` (unpacked), `functions/<name>.zip`, `migrations/<context>.mjs` and `manifest.json`. */
  outputFolder: string;
}

export interface BuiltPlatform extends Bundles {
  functions: { name: string; hash: string; archiveBytes: number; built: boolean }[];
}

/** Functions bundled at once: esbuild itself uses every core. */
const LANES = 4;

/**
 * Bundles every function and every context's migrations; what has not changed since the last build is left as it is, and what no
 * declaration asks for any more is removed. Rejects with esbuild's message where a source does not compile.
 */
export async function buildPlatform({ root, manifest, outputFolder }: BuildOptions): Promise<BuiltPlatform> {
  const previous = await readRecords(outputFolder);
  let libraries: Promise<BuiltLibraries> | undefined;
  const builder = {
    root,
    outputFolder,
    manifest,
    sources: new SourceHashes(root),
    versions: await pinnedVersions(root),
    written: new WeakMap<Uint8Array, string>(),
    libraries() {
      libraries ??= buildLibraries(root);
      return libraries;
    },
  };
  const functions = await inLanes(manifest.functions, (entry) => functionBundle(builder, entry, previous[entry.name]));
  const records = Object.fromEntries(functions.map(({ name, record }) => [name, record]));
  await removeStale(outputFolder, Object.keys(previous), records);
  const migrations = await migrationBundles(builder);
  await write(join(outputFolder, 'manifest.json'), `${JSON.stringify(records, null, 2)}\n`);
  return {
    functions: functions.map(({ name, record, built }) => ({
      name,
      hash: record.hash,
      archiveBytes: record.archiveBytes,
      built,
    })),
    function: (name) => ({ hash: found(records[name], name).hash, archive: archiveOf(outputFolder, name) }),
    migration: (context) => found(migrations.get(context), context),
  };
}

interface Builder extends Toolchain {
  outputFolder: string;
  manifest: Manifest;
  sources: SourceHashes;
  /** Where content that several functions share was written first. */
  written: WeakMap<Uint8Array, string>;
}

async function functionBundle(
  builder: Builder,
  entry: ManifestEntry,
  previous: BuildRecord | undefined,
): Promise<{ name: string; record: BuildRecord; built: boolean }> {
  const { name } = entry;
  const calls = functionsCalledBy(builder.manifest, entry);
  const surroundings = [calls, builder.versions];
  if (previous !== undefined && previous.key === (await builder.sources.keyOf(previous.inputs, surroundings))) {
    return { name, record: previous, built: false };
  }
  const { files, inputs: all } = await buildFunction(builder, entry, calls);
  // The generated entry is in the surroundings; it is no file.
  const inputs = all.filter((path) => path !== 'index.ts' && !path.includes('node_modules/'));
  const archive = zip(files);
  await unpack(join(builder.outputFolder, 'functions', name), files, builder.written);
  await write(archiveOf(builder.outputFolder, name), archive);
  const key = await builder.sources.keyOf(inputs, surroundings);
  return { name, record: { hash: contentHash(files), archiveBytes: archive.length, key, inputs }, built: true };
}

async function migrationBundles({ root, outputFolder, manifest }: Builder): Promise<Map<string, Bundle>> {
  const migrator = await buildMigrator(root);
  const bundles = contextsOf(manifest).map(async (context): Promise<[string, Bundle]> => {
    const text = await withMigrations(migrator, join(root, 'functions'), context);
    const archive = join(outputFolder, 'migrations', `${context}.mjs`);
    await write(archive, text);
    return [context, { hash: sha256(text), archive }];
  });
  return new Map(await Promise.all(bundles));
}

/** As the cloud unpacks it. The libraries' files are links to one copy: a hundred functions would be half a gigabyte. */
async function unpack(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  written: WeakMap<Uint8Array, string>,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [path, content] of files) {
    const copy = written.get(content);
    if (copy !== undefined) await link(copy, join(folder, path));
    else await writeFile(join(folder, path), content);
    written.set(content, copy ?? join(folder, path));
  }
}

async function removeStale(
  outputFolder: string,
  names: readonly string[],
  current: Record<string, BuildRecord>,
): Promise<void> {
  for (const name of names.filter((each) => !(each in current))) {
    await rm(join(outputFolder, 'functions', name), { recursive: true, force: true });
    await rm(archiveOf(outputFolder, name), { force: true });
  }
}

async function readRecords(outputFolder: string): Promise<Record<string, BuildRecord>> {
  try {
    return JSON.parse(await readFile(join(outputFolder, 'manifest.json'), 'utf8'));
  } catch (error) {
    // Never built, or cut short while it was written: everything is built.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return {};
    throw error;
  }
}

async function pinnedVersions(root: string): Promise<Record<string, string>> {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  return dependencies;
}

async function inLanes<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

function archiveOf(outputFolder: string, name: string): string {
  return join(outputFolder, 'functions', `${name}.zip`);
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`nothing was built for ${name}`);
  return value;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const manifest = await collectManifest(join(root, 'functions'));
  const { functions } = await buildPlatform({ root, manifest, outputFolder: join(root, 'dist') });
  for (const { name, hash, archiveBytes, built } of functions) {
    const size = `${(archiveBytes / 1_000_000).toFixed(2)} MB`;
    process.stdout.write(`${built ? 'built    ' : 'unchanged'} ${size.padStart(8)} ${hash.slice(0, 12)} ${name}\n`);
  }
}

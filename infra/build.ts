import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  collectManifest,
  contextsOf,
  type JobEntry,
  type Manifest,
  type ManifestEntry,
} from '../functions/core/manifest.ts';
import { functionsCalledBy } from '../functions/core/manifest-problems.ts';
import type { BuiltBundle, Toolchain } from './build-bundle.ts';
import { type BuildRecord, contentHash, SourceHashes, sha256 } from './build-cache.ts';
import { buildFunction } from './build-function.ts';
import { buildJob, nodeBinary } from './build-job.ts';
import { type BuiltLibraries, buildLibraries } from './build-libraries.ts';
import { buildMigrator, withMigrations } from './build-migration.ts';
import type { Bundle, Bundles } from './bundle.ts';
import { tarball } from './tar.ts';
import { zip } from './zip.ts';

export interface BuildOptions {
  /** Of the source tree. */
  root: string;
  manifest: Manifest;
  /** Gets `functions/<name>/` and `jobs/<name>/` (unpacked), their archives beside them, `migrations/<context>.mjs` and `manifest.json`. */
  outputFolder: string;
}

export interface BuiltPlatform extends Bundles {
  /** Functions and jobs. */
  functions: { name: string; hash: string; archiveBytes: number; built: boolean }[];
}

/** One use case, how it is bundled and how packed. */
interface Unit {
  entry: ManifestEntry | JobEntry;
  folder: 'functions' | 'jobs';
  ending: 'zip' | 'tgz';
  build(builder: Builder, calls: Record<string, string>): Promise<BuiltBundle>;
  pack(files: ReadonlyMap<string, Uint8Array>): Buffer;
}

/** Functions bundled at once: esbuild itself uses every core. */
const LANES = 4;

/**
 * Bundles every function, every job and every context's migrations; what has not changed since the last build is left as it is, and what no
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
  const functions = await inLanes(unitsOf(manifest), (unit) => bundleOf(builder, unit, previous[unit.entry.name]));
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
    function: (name) => ({
      hash: found(records[name], name).hash,
      archive: join(outputFolder, 'functions', `${name}.zip`),
    }),
    migration: (context) => found(migrations.get(context), context),
    job: (name) => ({ hash: found(records[name], name).hash, archive: join(outputFolder, 'jobs', `${name}.tgz`) }),
    node: () => ({ hash: `v${found(builder.versions.node, 'node')}`, archive: nodeBinary(root) }),
  };
}

function unitsOf({ functions, jobs }: Manifest): Unit[] {
  return [
    ...functions.map(
      (entry): Unit => ({
        entry,
        folder: 'functions',
        ending: 'zip',
        build: (builder, calls) => buildFunction(builder, entry, calls),
        pack: zip,
      }),
    ),
    ...jobs.map(
      (entry): Unit => ({
        entry,
        folder: 'jobs',
        ending: 'tgz',
        build: (builder, calls) => buildJob(builder, entry, calls),
        pack: tarball,
      }),
    ),
  ];
}

interface Builder extends Toolchain {
  outputFolder: string;
  manifest: Manifest;
  sources: SourceHashes;
  /** Where content that several functions share was written first. */
  written: WeakMap<Uint8Array, string>;
}

async function bundleOf(
  builder: Builder,
  { entry, folder, ending, build, pack }: Unit,
  previous: BuildRecord | undefined,
): Promise<{ name: string; record: BuildRecord; built: boolean }> {
  const { name } = entry;
  const calls = functionsCalledBy(builder.manifest, entry);
  const surroundings = [calls, builder.versions];
  if (previous !== undefined && previous.key === (await builder.sources.keyOf(previous.inputs, surroundings))) {
    return { name, record: previous, built: false };
  }
  const { files, inputs: all } = await build(builder, calls);
  // The generated entry is in the surroundings; it is no file.
  const inputs = all.filter((path) => path !== 'index.ts' && !path.includes('node_modules/'));
  const archive = pack(files);
  const unpacked = join(builder.outputFolder, folder, name);
  await unpack(unpacked, files, builder.written);
  await write(`${unpacked}.${ending}`, archive);
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
    await mkdir(dirname(join(folder, path)), { recursive: true });
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
    for (const path of [`functions/${name}`, `functions/${name}.zip`, `jobs/${name}`, `jobs/${name}.tgz`]) {
      await rm(join(outputFolder, path), { recursive: true, force: true });
    }
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

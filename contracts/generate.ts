import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { collectContracts } from './collect.ts';
import { generatedFiles } from './documents/files.ts';
import { type EventSnapshot, snapshotProblems } from './documents/snapshot.ts';

const CONTRACTS = new URL('./', import.meta.url);
const SCHEMAS = 'generated/schemas/';

/** What is to be written or removed for the documents to match the contracts, by path below the folder. */
interface Changes {
  write: Map<string, string>;
  remove: string[];
}

/**
 * What the contracts ask of the generated files and the snapshots in `folder`.
 * Throws an Error that names every event which has changed in a way its version may not.
 */
export async function changesIn(folder: URL): Promise<Changes> {
  const numbers = JSON.parse((await textOf(folder, 'generated/field-numbers.json')) ?? '{}');
  const files = generatedFiles(await collectContracts(), numbers);
  const write = new Map<string, string>();
  const broken: string[] = [];
  for (const [path, text] of files) {
    const before = await textOf(folder, path);
    if (before === text) continue;
    write.set(path, text);
    if (path.startsWith('history/') && before !== undefined) broken.push(...breaks(before, text));
  }
  if (broken.length > 0) {
    throw new Error(`an event may only gain optional fields; declare a new version beside it: ${broken.join('; ')}`);
  }
  const schemas = (await namesIn(folder, SCHEMAS)).map((name) => SCHEMAS + name);
  return { write, remove: schemas.filter((path) => !files.has(path)) };
}

function breaks(before: string, after: string): string[] {
  const published: EventSnapshot = JSON.parse(before);
  return snapshotProblems(published, JSON.parse(after)).map((problem) => `${published.topic}: ${problem}`);
}

async function apply(folder: URL, { write, remove }: Changes): Promise<void> {
  for (const [path, text] of write) {
    const target = fileURLToPath(new URL(path, folder));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  for (const path of remove) await rm(new URL(path, folder));
}

async function textOf(folder: URL, path: string): Promise<string | undefined> {
  return unlessMissing(() => readFile(new URL(path, folder), 'utf8'), undefined);
}

async function namesIn(folder: URL, path: string): Promise<string[]> {
  return unlessMissing(() => readdir(new URL(path, folder)), []);
}

async function unlessMissing<T, Otherwise>(read: () => Promise<T>, otherwise: Otherwise): Promise<T | Otherwise> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

/** Returns the process's exit status. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const changes = await changesIn(CONTRACTS);
  const stale = [...changes.write.keys(), ...changes.remove];
  if (!values.check) {
    await apply(CONTRACTS, changes);
    return 0;
  }
  if (stale.length === 0) return 0;
  process.stderr.write(`contracts/ is stale: ${stale.join(', ')}: run npx node contracts/generate.ts\n`);
  return 1;
}

if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

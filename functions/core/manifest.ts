import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Event } from '#contracts/kit/event.ts';
import { eventParked } from '#contracts/kit/event-parked.ts';
import type { Declaration, JobDeclaration } from './function.ts';

/** One use case and where it was found. */
export interface ManifestEntry {
  /** `<context>-<file>`, such as `market-on-price-update`: the function's name in the cloud. */
  name: string;
  context: string;
  /** The file's name without its ending. */
  file: string;
  declaration: Declaration;
}

/** A job and where it was found; its name in the cloud is made as a function's is. */
export interface JobEntry extends Omit<ManifestEntry, 'declaration'> {
  declaration: JobDeclaration;
}

/** Every use case there is, by name. What infra/ provisions, and what the documents describe, is read from it. */
export interface Manifest {
  functions: readonly ManifestEntry[];
  jobs: readonly JobEntry[];
}

const KINDS: readonly unknown[] = ['http', 'event', 'schedule', 'job'] satisfies (
  | Declaration
  | JobDeclaration
)['kind'][];

/**
 * Imports functions/<context>/*.ts and keeps what default-exports a declaration. Folders without such a file are no contexts;
 * core is none either. Throws an Error that names the file which cannot be imported.
 */
export async function collectManifest(functionsFolder: string): Promise<Manifest> {
  const contexts = (await namesIn(functionsFolder, 'folder')).filter((name) => name !== 'core');
  const found = await Promise.all(contexts.map((context) => entriesOf(functionsFolder, context)));
  const entries = found.flat().sort((left, right) => (left.name < right.name ? -1 : 1));
  return { functions: entries.filter(isFunction), jobs: entries.filter(isJob) };
}

function isFunction(entry: ManifestEntry | JobEntry): entry is ManifestEntry {
  return !isJob(entry);
}

function isJob(entry: ManifestEntry | JobEntry): entry is JobEntry {
  return entry.declaration.kind === 'job';
}

/** Functions and jobs alike: what runs under a context's account and may do what its declaration says. */
export function useCasesOf({ functions, jobs }: Manifest): (ManifestEntry | JobEntry)[] {
  return [...functions, ...jobs];
}

async function entriesOf(functionsFolder: string, context: string): Promise<(ManifestEntry | JobEntry)[]> {
  const files = (await namesIn(join(functionsFolder, context), 'file')).filter((name) => name.endsWith('.ts'));
  const entries = await Promise.all(
    files.map(async (fileName): Promise<(ManifestEntry | JobEntry)[]> => {
      const declaration = await defaultExport(join(functionsFolder, context, fileName));
      const file = fileName.slice(0, -'.ts'.length);
      if (!isDeclaration(declaration)) return [];
      const place = { name: `${context}-${file}`, context, file };
      return [declaration.kind === 'job' ? { ...place, declaration } : { ...place, declaration }];
    }),
  );
  return entries.flat();
}

async function namesIn(folder: string, kind: 'folder' | 'file'): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((each) => (kind === 'folder' ? each.isDirectory() : each.isFile())).map(({ name }) => name);
}

async function defaultExport(path: string): Promise<unknown> {
  try {
    const module: { default?: unknown } = await import(pathToFileURL(path).href);
    return module.default;
  } catch (cause) {
    throw new Error(`${path} cannot be imported: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function isDeclaration(value: unknown): value is Declaration | JobDeclaration {
  return typeof value === 'object' && value !== null && 'kind' in value && KINDS.includes(value.kind);
}

/** The contexts that have a use case, in order. */
export function contextsOf(manifest: Manifest): string[] {
  return [...new Set(useCasesOf(manifest).map(({ context }) => context))].sort();
}

/** Every bucket that a use case declares, by name. */
export function bucketsOf(manifest: Manifest): string[] {
  const used = useCasesOf(manifest).flatMap(({ declaration: { deployment } }) => [
    ...(deployment.buckets ?? []),
    ...(deployment.readsBuckets ?? []),
  ]);
  const taken = manifest.functions.flatMap(({ declaration }) => declaration.deployment.takesObjectsOf ?? []);
  return [...new Set([...used, ...taken])].sort();
}

/**
 * Every event a function may publish: what it emits itself, what its effects and timers do, and, since core parks what a
 * consumer cannot process, `platform.event.parked` for each consumer.
 */
export function eventsEmittedBy({ declaration }: ManifestEntry | JobEntry): Event[] {
  const { emits = [], effects = [], timers = [] } = declaration.deployment;
  const all = [...emits, ...effects.flatMap((effect) => effect.emits), ...timers.flatMap((timer) => timer.emits)];
  if (declaration.kind === 'event') all.push(eventParked);
  return byTopic(all);
}

/** Every event that is published or consumed, by topic. */
export function eventsOf(manifest: Manifest): Event[] {
  return byTopic([
    ...useCasesOf(manifest).flatMap(eventsEmittedBy),
    ...manifest.functions.flatMap(({ declaration }) => (declaration.kind === 'event' ? [declaration.contract] : [])),
  ]);
}

function byTopic(events: readonly Event[]): Event[] {
  const distinct = new Map(events.map((event) => [event.topic, event]));
  return [...distinct.values()].sort((left, right) => (left.topic < right.topic ? -1 : 1));
}

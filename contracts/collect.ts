import { readdir } from 'node:fs/promises';
import { compareText } from './documents/order.ts';
import type { Event } from './kit/event.ts';
import { eventParked } from './kit/event-parked.ts';
import { type Operation, operationKey } from './kit/operation.ts';

/** An operation as a context's contracts export it. */
export interface CollectedOperation {
  /** The name it is exported by. */
  name: string;
  context: string;
  /** Of the function that serves it: use cases are named after their contracts, `<context>-<kebab-case of the name>`. */
  functionName: string;
  contract: Operation;
}

export interface Contracts {
  operations: CollectedOperation[];
  events: Event[];
}

const FOLDER = new URL('./', import.meta.url);
const NO_CONTEXTS = new Set(['kit', 'documents', 'generated', 'history']);

/** Imports every context's contracts. Throws a TypeError where two operations share a route or two events a topic. */
export async function collectContracts(): Promise<Contracts> {
  const folders = await readdir(FOLDER, { withFileTypes: true });
  const contexts = folders.filter((each) => each.isDirectory() && !NO_CONTEXTS.has(each.name)).map(({ name }) => name);
  const exported = (await Promise.all(contexts.map(exportsOf))).flat();
  const operations = exported.flatMap(({ context, name, value }) =>
    isContract<Operation>(value, 'operation')
      ? [{ name, context, functionName: `${context}-${kebabCase(name)}`, contract: value }]
      : [],
  );
  const events = exported.flatMap(({ value }) => (isContract<Event>(value, 'event') ? [value] : []));
  return {
    operations: distinct(operations, ({ contract }) => operationKey(contract)),
    events: distinct([...events, eventParked], ({ topic }) => topic),
  };
}

interface Exported {
  context: string;
  name: string;
  value: unknown;
}

async function exportsOf(context: string): Promise<Exported[]> {
  const folder = new URL(`${context}/`, FOLDER);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
  const modules: Record<string, unknown>[] = await Promise.all(files.map((file) => import(new URL(file, folder).href)));
  return modules.flatMap((module) => Object.entries(module).map(([name, value]) => ({ context, name, value })));
}

function isContract<Contract extends { kind: string }>(value: unknown, kind: Contract['kind']): value is Contract {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function distinct<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  const sorted = items.toSorted((left, right) => compareText(keyOf(left), keyOf(right)));
  for (const [place, item] of sorted.entries()) {
    const next = sorted[place + 1];
    if (next !== undefined && keyOf(item) === keyOf(next)) throw new TypeError(`${keyOf(item)} is declared twice`);
  }
  return sorted;
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

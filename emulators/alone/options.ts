import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { wholeNumber } from '../cloud/options.ts';
import { type FaultyService, faultyService } from '../faults/rule.ts';
import type { FirestoreOptions } from '../firestore/server.ts';
import { runOptions } from '../run/options.ts';

/** How `npm run emulators` starts. */
export interface AloneOptions {
  services: FaultyService[];
  /** Where they keep their state. */
  folder: string;
  /** Forget what was there. */
  fresh: boolean;
  /** Durable against power loss too. */
  fsync: boolean;
  project: string;
  ports: Record<FaultyService | 'control', number>;
  /** What Firestore has beside its defaults: indexes, and fields that say when documents expire. */
  firestore: Pick<FirestoreOptions, 'indexes' | 'strictIndexes' | 'ttl'>;
  /** The commands that stand for container images. */
  images: z.input<typeof runOptions>['images'];
}

const DEFAULT_PORTS: AloneOptions['ports'] = {
  pubsub: 8085,
  firestore: 8086,
  storage: 9023,
  'secret-manager': 8087,
  run: 8088,
  control: 8089,
};

const FLAGS = {
  only: { type: 'string', default: faultyService.options.join(',') },
  data: { type: 'string', default: join('.local', 'emulators') },
  fresh: { type: 'boolean', default: false },
  fsync: { type: 'boolean', default: false },
  project: { type: 'string', default: 'local' },
  'strict-indexes': { type: 'string' },
  'run-images': { type: 'string' },
  ...(Object.fromEntries(Object.keys(DEFAULT_PORTS).map((name) => [`${name}-port`, { type: 'string' }])) as Record<
    string,
    { type: 'string' }
  >),
} as const;

/** firestore.indexes.json, as far as it says something here. */
const indexFile = z.object({
  indexes: z.array(z.unknown()).default([]),
  fieldOverrides: z
    .array(z.object({ collectionGroup: z.string(), fieldPath: z.string(), ttl: z.boolean().default(false) }))
    .default([]),
});

/** The arguments of `npm run emulators`. Throws an Error of one line on what it does not know. */
export function parseAloneOptions(argv: string[]): AloneOptions {
  const values = parsedFlags(argv);
  return {
    services: servicesIn(String(values.only)),
    folder: String(values.data),
    fresh: values.fresh === true,
    fsync: values.fsync === true,
    project: String(values.project),
    ports: Object.fromEntries(
      Object.entries(DEFAULT_PORTS).map(([name, port]) => {
        const flag = `${name}-port`;
        return [name, wholeNumber(flag, values[flag] ?? String(port), 1, 65_535)];
      }),
    ) as AloneOptions['ports'],
    firestore: values['strict-indexes'] === undefined ? {} : strictIndexes(String(values['strict-indexes'])),
    images: values['run-images'] === undefined ? {} : imagesIn(String(values['run-images'])),
  };
}

function parsedFlags(argv: string[]): Record<string, string | boolean | undefined> {
  try {
    return parseArgs({ args: argv, options: FLAGS }).values as Record<string, string | boolean | undefined>;
  } catch (error) {
    const [problem] = (error as Error).message.split('. ');
    const flags = Object.keys(FLAGS).map((name) => `--${name}`);
    throw new Error(`${problem?.replace(/\.$/, '')}: the flags are ${flags.join(' ')}`, { cause: error });
  }
}

function servicesIn(list: string): FaultyService[] {
  const names = list.split(',').map((name) => name.trim());
  return [...new Set(names)].map((name) => {
    const service = faultyService.safeParse(name);
    if (!service.success)
      throw new Error(`--only: there is no service "${name}"; there are ${faultyService.options.join(', ')}`);
    return service.data;
  });
}

function strictIndexes(file: string): AloneOptions['firestore'] {
  const { indexes, fieldOverrides } = readAs('strict-indexes', file, indexFile);
  return {
    strictIndexes: true,
    // Firestore's own start says which of them is no index.
    indexes: indexes as NonNullable<FirestoreOptions['indexes']>,
    ttl: fieldOverrides
      .filter(({ ttl }) => ttl)
      .map(({ collectionGroup, fieldPath: field }) => ({ collectionGroup, field })),
  };
}

function imagesIn(file: string): AloneOptions['images'] {
  return readAs('run-images', file, runOptions.shape.images);
}

function readAs<T>(flag: string, file: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : (error as Error).message;
    throw new Error(`--${flag}: ${file} cannot be used: ${reason}`, { cause: error });
  }
}

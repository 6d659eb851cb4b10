import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { wholeNumber } from '../cloud/options.ts';
import { type FaultyService, faultyService } from '../faults/rule.ts';
import type { FirestoreOptions } from '../firestore/server.ts';
import { runOptions } from '../run/options.ts';
import { strictIndexes } from './index-file.ts';

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
    firestore:
      values['strict-indexes'] === undefined
        ? {}
        : readAs('strict-indexes', String(values['strict-indexes']), strictIndexes),
    images:
      values['run-images'] === undefined
        ? {}
        : readAs('run-images', String(values['run-images']), (json) => runOptions.shape.images.parse(json)),
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

function readAs<T>(flag: string, file: string, read: (json: unknown) => T): T {
  try {
    return read(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll(/\s*\n\s*/g, ' ') : String(error);
    throw new Error(`--${flag}: ${file} cannot be used: ${reason}`, { cause: error });
  }
}

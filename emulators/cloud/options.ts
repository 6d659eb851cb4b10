import { parseArgs } from 'node:util';

export interface CloudOptions {
  /** Where the local cloud keeps its state. */
  folder: string;
  /** Forget what was there. */
  fresh: boolean;
  /** Durable against power loss too. */
  fsync: boolean;
  /** Each function in a process of its own. */
  isolate: boolean;
  /** Refuse a Firestore query that needs an index which infra/ does not provision. */
  strictIndexes?: boolean;
  idleSeconds: number;
  /** Processes that share the functions. */
  workers: number;
  /** Restart functions when their files change. */
  watch: boolean;
  ports: Ports;
  /** Variables of every function, over those that the cloud sets: an exchange elsewhere, say. */
  variables?: Record<string, string>;
}

export interface Ports {
  gateway: number;
  pubsub: number;
  firestore: number;
  postgres: number;
  host: number;
  identity: number;
  venue: number;
  storage: number;
  'secret-manager': number;
  run: number;
  kms: number;
  control: number;
}

export const DEFAULT_PORTS: Ports = {
  gateway: 8080,
  pubsub: 8085,
  firestore: 8086,
  postgres: 5433,
  host: 8090,
  identity: 8091,
  venue: 8070,
  storage: 9023,
  'secret-manager': 8087,
  run: 8088,
  kms: 8092,
  control: 8089,
};

export const CLOUD_FLAGS = {
  fresh: { type: 'boolean', default: false },
  fsync: { type: 'boolean', default: false },
  isolate: { type: 'boolean', default: false },
  'strict-indexes': { type: 'boolean', default: false },
  'idle-seconds': { type: 'string', default: '60' },
  workers: { type: 'string', default: '1' },
  watch: { type: 'boolean', default: true },
  folder: { type: 'string', default: '.local' },
  ...(Object.fromEntries(Object.keys(DEFAULT_PORTS).map((name) => [`${name}-port`, { type: 'string' }])) as Record<
    string,
    { type: 'string' }
  >),
} as const;

export type CloudFlags = { [name: string]: string | boolean | undefined };

/** Throws an Error of one line where a flag's value is none. */
export function cloudOptions(flags: CloudFlags): CloudOptions {
  return {
    folder: String(flags.folder),
    fresh: flags.fresh === true,
    fsync: flags.fsync === true,
    isolate: flags.isolate === true,
    strictIndexes: flags['strict-indexes'] === true,
    idleSeconds: wholeNumber('idle-seconds', flags['idle-seconds'], 1, 86_400),
    workers: wholeNumber('workers', flags.workers, 1, 16),
    watch: flags.watch !== false,
    ports: Object.fromEntries(
      Object.entries(DEFAULT_PORTS).map(([name, port]) => [
        name,
        wholeNumber(`${name}-port`, flags[`${name}-port`] ?? String(port), 1, 65_535),
      ]),
    ) as unknown as Ports,
  };
}

/** `npm start`'s own arguments. Throws an Error of one line on one it does not know. */
export function parseCloudOptions(argv: string[]): CloudOptions {
  return cloudOptions(parseArgs({ args: argv, options: CLOUD_FLAGS, allowNegative: true }).values as CloudFlags);
}

export function wholeNumber(name: string, value: string | boolean | undefined, least: number, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${name} takes a whole number from ${least} to ${most}, not "${String(value)}"`);
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLOUD_FLAGS, type CloudFlags, type CloudOptions, cloudOptions } from '../cloud/options.ts';

/** How fast prices are published: as fast as they are processed, so many a second, or each when the one before has had its effect. */
export type Pace = { kind: 'max' } | { kind: 'rate'; pricesPerSecond: number } | { kind: 'lockstep' };

export interface DemoOptions {
  /** Price files; none: the seeded series. */
  prices: string[];
  pace: Pace;
  json: boolean;
  cloud: CloudOptions;
}

const USAGE = 'npm run demo -- [--prices FILE …] [--speed max|N] [--lockstep] [--json]';
const DEFAULT_FOLDER = join('.local', 'demo');

const FLAGS = {
  ...CLOUD_FLAGS,
  // Files that others edit must not restart what is being measured.
  watch: { type: 'boolean', default: false },
  folder: { type: 'string', default: DEFAULT_FOLDER },
  prices: { type: 'string', multiple: true, default: [] as string[] },
  speed: { type: 'string', default: 'max' },
  lockstep: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** The demo's arguments. Throws an Error of one line on what it does not know. */
export function parseDemoOptions(argv: string[]): DemoOptions {
  const { values, positionals } = parsed(argv);
  const prices = Array.isArray(values.prices) ? values.prices.map(String) : [];
  if (positionals.length > 0 && prices.length === 0) throw new Error(`${positionals[0]} is no flag: ${USAGE}`);
  const { prices: _prices, ...flags } = values;
  const cloud = cloudOptions(flags as CloudFlags);
  const isOwnFolder = cloud.folder === DEFAULT_FOLDER;
  if (!isOwnFolder && !cloud.fresh && existsSync(join(cloud.folder, 'postgres'))) {
    throw new Error(
      `${cloud.folder} has the state of an earlier run, and the demo counts from nothing: add --fresh to forget it`,
    );
  }
  return {
    // A shell turns `--prices *.csv` into one flag and many names.
    prices: [...prices, ...positionals],
    pace: paceOf(String(values.speed), values.lockstep === true),
    json: values.json === true,
    cloud: { ...cloud, fresh: true },
  };
}

function parsed(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: FLAGS, allowPositionals: true, allowNegative: true });
  } catch (error) {
    const [problem] = (error as Error).message.split('. ');
    throw new Error(`${problem?.replace(/\.$/, '')}: ${USAGE}`, { cause: error });
  }
}

function paceOf(speed: string, lockstep: boolean): Pace {
  if (lockstep) return { kind: 'lockstep' };
  if (speed === 'max') return { kind: 'max' };
  const pricesPerSecond = Number(speed);
  if (Number.isFinite(pricesPerSecond) && pricesPerSecond > 0) return { kind: 'rate', pricesPerSecond };
  throw new Error(`--speed takes max or a number of prices a second, not "${speed}"`);
}

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLOUD_FLAGS, type CloudFlags, type CloudOptions, cloudOptions, wholeNumber } from '../../cloud/options.ts';

export interface DemoOptions {
  /** Undefined: the sample crush-margin workbook. */
  workbook: string | undefined;
  /** As `npm run simulate` takes them; none: what the workbook suggests. */
  inputs: string[];
  outputs: string[];
  paths: number;
  seed: number;
  backend: 'auto' | 'cpu' | 'gpu';
  report: string;
  json: boolean;
  cloud: CloudOptions;
}

const USAGE =
  "npm run demo:simulation -- [--workbook FILE] [--input 'Sheet!A1=normal(0,1)' …] [--output 'Sheet!B1' …] [--paths N] [--seed N] [--backend auto|cpu|gpu] [--report FILE] [--json]";
const DEFAULT_PATHS = '1e6';
const MOST_PATHS = 1e9;
const backends = ['auto', 'cpu', 'gpu'] as const;

const FLAGS = {
  ...CLOUD_FLAGS,
  // Files that others edit must not restart what is being watched.
  watch: { type: 'boolean', default: false },
  folder: { type: 'string', default: join('.local', 'demo-simulation') },
  workbook: { type: 'string' },
  input: { type: 'string', multiple: true },
  output: { type: 'string', multiple: true },
  paths: { type: 'string', default: DEFAULT_PATHS },
  seed: { type: 'string', default: '1' },
  backend: { type: 'string', default: 'auto' },
  report: { type: 'string', default: 'report.html' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** The arguments of `npm run demo:simulation`; the usage where that was asked for. Throws an Error of one line. */
export function parseDemoOptions(argv: string[]): DemoOptions | { help: string } {
  const values = parsed(argv);
  if (values.help) return { help: USAGE };
  const { workbook, input, output, paths, seed, backend, report, json, help: _, ...flags } = values;
  const chosen = backends.find((name) => name === backend);
  if (chosen === undefined) throw new Error(`--backend is one of ${backends.join(', ')}, and "${backend}" is not`);
  if (input !== undefined && output === undefined) throw new Error(`--input needs an --output to look at: ${USAGE}`);
  return {
    workbook,
    inputs: input ?? [],
    outputs: output ?? [],
    paths: wholeNumber('paths', paths, 1, MOST_PATHS),
    seed: wholeNumber('seed', seed, 0, Number.MAX_SAFE_INTEGER),
    backend: chosen,
    report,
    json,
    cloud: { ...cloudOptions(flags as CloudFlags), fresh: true },
  };
}

function parsed(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: FLAGS, allowNegative: true }).values;
  } catch (error) {
    const [problem] = (error as Error).message.split('. ');
    throw new Error(`${problem?.replace(/\.$/, '')}: ${USAGE}`, { cause: error });
  }
}

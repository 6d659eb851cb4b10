import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as pulumi from '@pulumi/pulumi';
import { parse } from 'yaml';
import { UNBUILT } from './bundle.ts';
import { mockCall, mockedState } from './mock-cloud.ts';
import { program, type Sources } from './program.ts';
import { type Resource, recordResources } from './recorder.ts';
import { knownStack } from './settings.ts';

export interface GraphOptions {
  /** A stack: `local`, `dev`, `staging`, `production` or `bootstrap`. */
  environment: string;
  /** On top of Pulumi.<environment>.yaml; a key without a namespace is one of ours. */
  config?: Record<string, unknown>;
  /** Our own unless a test has others. */
  functionsFolder?: string;
  bundle?: Sources['bundle'];
}

const ROOT = join(import.meta.dirname, '..');
/** Encrypted in the stacks' files, and not needed to look at a graph. */
const SECRETS_TO_LOOK_AT = { 'millrace:passwordSeed': 'not-the-real-seed' };

/**
 * The resources that `pulumi up` would make, collected by running the very program against a cloud that agrees to everything.
 * One at a time in a process: the SDK's settings are global, and it takes 200 MB or more. Rejects as the program does.
 */
export async function collectGraph(options: GraphOptions): Promise<Resource[]> {
  const { environment, config = {}, functionsFolder = join(ROOT, 'functions'), bundle = async () => UNBUILT } = options;
  knownStack(environment);
  const settings: Record<string, unknown> = {
    ...SECRETS_TO_LOOK_AT,
    ...(await stackConfig(environment)),
    ...namespaced(config),
  };
  pulumi.runtime.setAllConfig(serialized(settings), Object.keys(SECRETS_TO_LOOK_AT));
  const cloud = { project: String(settings['gcp:project'] ?? ''), region: String(settings['gcp:region'] ?? '') };
  await pulumi.runtime.setMocks(
    { newResource: (resource) => mockedState(cloud, resource), call: mockCall },
    'millrace',
    environment,
    false,
  );
  return recordResources(() => program(environment, { functionsFolder, bundle }));
}

async function stackConfig(environment: string): Promise<Record<string, unknown>> {
  const file: { config?: Record<string, unknown> } = parse(
    await readFile(join(ROOT, `Pulumi.${environment}.yaml`), 'utf8'),
  );
  // A secret that has been set is there in cipher text only.
  return Object.fromEntries(Object.entries(file.config ?? {}).filter(([, value]) => !isEncrypted(value)));
}

function isEncrypted(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'secure' in value;
}

function namespaced(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.includes(':') ? key : `millrace:${key}`, value]),
  );
}

function serialized(config: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { environment: { type: 'string', default: 'local' }, 'host-port': { type: 'string' } },
  });
  const hostPort = values['host-port'];
  try {
    const config = hostPort === undefined ? {} : { hostPort };
    process.stdout.write(`${JSON.stringify(await collectGraph({ environment: values.environment, config }))}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalPlan } from '../../infra/local-plan.ts';
import { contentHash } from './content-hash.ts';
import type { Ports } from './options.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

const execute = promisify(execFile);

/** What the graph is read from. */
const SOURCES = ['functions', 'contracts', 'infra', 'Pulumi.yaml', 'Pulumi.local.yaml', 'package-lock.json'];

export interface CachedPlan {
  plan: LocalPlan;
  /** Changes with anything that could change the plan. */
  hash: string;
}

/**
 * The digest of what `pulumi up` would provision, collected by running the Pulumi program in a child process (the SDK takes 200 MB),
 * and kept under the hash of its sources: the second start reads a file.
 */
export async function readPlan(folder: string, ports: Ports): Promise<CachedPlan> {
  const hash = `${await contentHash(ROOT, SOURCES)}-${ports.host}-${ports.gateway}`;
  const cached = join(folder, 'plans', `${hash}.json`);
  try {
    return { plan: JSON.parse(await readFile(cached, 'utf8')) as LocalPlan, hash };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const plan = await collectPlan({
    hostPort: ports.host,
    apiServer: `http://127.0.0.1:${ports.gateway}`,
    jwksUri: `http://127.0.0.1:${ports.gateway}/v1/auth/jwks`,
  });
  await mkdir(join(folder, 'plans'), { recursive: true });
  await writeFile(cached, JSON.stringify(plan));
  return { plan, hash };
}

async function collectPlan(config: Record<string, unknown>): Promise<LocalPlan> {
  const program = join(ROOT, 'infra', 'local-plan.ts');
  try {
    const { stdout } = await execute(process.execPath, [program, '--config', JSON.stringify(config)], {
      maxBuffer: 256 * 1024 * 1024,
    });
    return JSON.parse(stdout) as LocalPlan;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`the resource graph could not be collected: ${stderr?.trim() ?? String(error)}`, { cause: error });
  }
}

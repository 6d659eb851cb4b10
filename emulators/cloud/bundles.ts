import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './plan.ts';

/** Where `npm run build` puts what is deployed. */
export const BUNDLES = join(ROOT, 'dist');

const execute = promisify(execFile);

/** Builds the bundles whose sources have changed. In a process of its own: this one has the modules as they were when it started. */
export async function buildBundles(): Promise<void> {
  try {
    await execute(process.execPath, [join(ROOT, 'infra', 'build.ts')], { maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`the functions could not be built: ${stderr?.trim() ?? String(error)}`, { cause: error });
  }
}

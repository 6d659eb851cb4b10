import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../emulators/cloud/plan.ts';
import type { Place } from '../journeys/support/access.ts';

export interface StartedCloud {
  child: ChildProcess;
  /** From the start of the process to its "ready". */
  seconds: number;
}

/** `npm start` as a process. Rejects with what it said where it ends instead. */
export async function startProcess({ folder, ports }: Place): Promise<StartedCloud> {
  const startedAt = performance.now();
  const flags = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const start = join(ROOT, 'emulators', 'start.ts');
  const child = spawn(process.execPath, [start, '--no-watch', '--folder', folder, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      if (/^ready in /m.test(said)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}: ${said.trim()}`)));
  });
  return { child, seconds: (performance.now() - startedAt) / 1_000 };
}

export async function stopProcess({ child }: StartedCloud): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../../emulators/cloud/plan.ts';
import { type CloudAccess, cloudAccess, newPlace, type Place, type ServiceName } from './access.ts';

/** A local cloud in a process group of its own, which can be killed as a whole. */
export interface SpawnedCloud extends CloudAccess {
  /** kill -9 of everything at once, then a second start on the same state. */
  killEverything(): Promise<void>;
  close(): Promise<void>;
}

const START_DEADLINE_MS = 60_000;

/** `npm start` on free ports and in a folder of its own. */
export async function spawnCloud(): Promise<SpawnedCloud> {
  const place = await newPlace();
  let group = await launch(place);
  const access = await cloudAccess(place);
  return {
    ...access,
    quiet: (deadlineMs = 60_000) => control(place, 'GET', `/quiet?deadlineMs=${deadlineMs}`),
    sweep: () => control(place, 'POST', '/sweep'),
    kill: (service: ServiceName) => control(place, 'POST', `/kill/${service}`),
    async killEverything() {
      await end(group, 'SIGKILL');
      group = await launch(place);
    },
    async close() {
      await access.close();
      await end(group, 'SIGTERM');
      await place.forget();
    },
  };
}

async function launch({ folder, ports }: Place): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'emulators', 'start.ts'),
      '--no-watch',
      '--folder',
      folder,
      ...Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]),
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  try {
    await untilReady(child);
    return child;
  } catch (error) {
    await end(child, 'SIGKILL');
    throw error;
  }
}

async function untilReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  const listen = (chunk: Buffer) => {
    said += chunk.toString();
    if (/^ready in /m.test(said)) resolve();
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  child.once('exit', (code) => reject(new Error(`the local cloud ended with ${code}: ${said}`)));
  const late = setTimeout(() => reject(new Error(`the local cloud was not ready in time: ${said}`)), START_DEADLINE_MS);
  await promise.finally(() => clearTimeout(late));
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  // A crash takes the group at once; an orderly stop is the supervisor's to order.
  process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
  await exited;
}

async function control({ ports }: Place, method: string, path: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${ports.control}${path}`, { method });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${said}`);
}

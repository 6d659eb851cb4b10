import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { freePort } from '../../../emulators/ports.ts';

// Without this the clients look for Google's metadata server before their first call.
process.env.METADATA_SERVER_DETECTION = 'none';

const PORTS = ['pubsub', 'firestore', 'storage', 'secret-manager', 'run', 'control'] as const;

/** Where the emulators keep their state and listen, the same for every start of a test. */
export interface Place {
  folder: string;
  ports: Record<(typeof PORTS)[number], number>;
}

/** `npm run emulators` in a process of its own. */
export interface Emulators {
  /** What it has printed so far. */
  output(): string;
  /** The variables that it asks to export. */
  variables: Record<string, string>;
  /** Sends the signal and resolves with the exit code. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

export async function newPlace(t: ExecutionContext): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-alone-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const ports = Object.fromEntries(await Promise.all(PORTS.map(async (name) => [name, await freePort()])));
  return { folder, ports };
}

/** Starts it there; resolves when it is ready. Rejects with what it printed on stderr where it ends instead. */
export async function startEmulators(t: ExecutionContext, place: Place, ...flags: string[]): Promise<Emulators> {
  const { child, output, errors } = launch(t, place, flags);
  const exited = once(child, 'exit');
  await Promise.race([
    new Promise<void>((resolve) => child.stdout?.on('data', () => output().includes('# ready') && resolve())),
    exited.then(() => Promise.reject(new Error(errors()))),
  ]);
  const lines = output().matchAll(/^export (\w+)=(.*)$/gm);
  return {
    output,
    variables: Object.fromEntries([...lines].map(([, name, value]) => [name, value])),
    async end(signal) {
      child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}

/** The exit code and stderr of a start that does not succeed. */
export async function refusedStart(
  t: ExecutionContext,
  place: Place,
  ...flags: string[]
): Promise<{ code: number | null; errors: string }> {
  const { child, errors } = launch(t, place, flags);
  await once(child, 'close');
  return { code: child.exitCode, errors: errors() };
}

function launch(
  t: ExecutionContext,
  { folder, ports }: Place,
  flags: string[],
): { child: ChildProcess; output: () => string; errors: () => string } {
  const ports_ = PORTS.flatMap((name) => [`--${name}-port`, String(ports[name])]);
  const child = spawn(process.execPath, ['emulators/alone/main.ts', '--data', folder, ...ports_, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return { child, output: () => output, errors: () => errors };
}

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

interface AttemptOptions {
  command: readonly string[];
  env: Record<string, string>;
  cwd: string;
  /** Where what it prints goes. */
  logPath: string;
  timeoutMs: number;
  /** From the polite signal to the other one. */
  graceMs: number;
}

/** How an attempt ended: by itself, by a signal, out of time, or before it began. */
export type Ending =
  | { by: 'exit'; code: number }
  | { by: 'signal'; signal: NodeJS.Signals }
  | { by: 'timeout' }
  | { by: 'failure'; message: string };

export interface Attempt {
  ended: Promise<Ending>;
  /** SIGTERM, and SIGKILL when it takes too long. */
  stop(): void;
  /** At once, with all that it started. */
  kill(): void;
}

/**
 * In front of every command: a watcher of its process group that kills it when the pipe on descriptor 3 closes. So nothing that
 * a task started outlives it, nor the service: whoever kills that with -9 leaves no orphan.
 */
const WATCHED = '(read -r _ <&3; kill -9 0) & exec "$@" 3<&-';

/** The longest that a timer of node can be set to. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Runs a command once, in a process group of its own. */
export function startAttempt({ command, env, cwd, logPath, timeoutMs, graceMs }: AttemptOptions): Attempt {
  mkdirSync(dirname(logPath), { recursive: true });
  const log = openSync(logPath, 'a');
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', ...command], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
  });
  closeSync(log);
  let hasTimedOut = false;
  let killer: NodeJS.Timeout | undefined;
  const killGroup = () => child.stdio[3]?.destroy();
  const stop = () => {
    if (killer !== undefined) return;
    killer = setTimeout(killGroup, graceMs);
    child.kill('SIGTERM');
  };
  const timer = setTimeout(
    () => {
      hasTimedOut = true;
      stop();
    },
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  const ended = new Promise<Ending>((resolve) => {
    const end = (ending: Ending) => {
      clearTimeout(timer);
      clearTimeout(killer);
      killGroup();
      resolve(ending);
    };
    child.once('error', (error) => end({ by: 'failure', message: error.message }));
    child.once('exit', (code, signal) => {
      if (hasTimedOut) end({ by: 'timeout' });
      else end(signal === null ? { by: 'exit', code: code ?? 0 } : { by: 'signal', signal });
    });
  });
  return { ended, stop, kill: killGroup };
}

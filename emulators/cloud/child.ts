import { type ChildProcess, fork } from 'node:child_process';
import { openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { clockVariable } from '../clock.ts';

export interface ChildOptions {
  name: string;
  /** The module that runs as the process. */
  module: string;
  /** Sent as the first message. Asked for again at each start, since a restart may find them changed. */
  options: () => unknown;
  env?: Record<string, string>;
  /** Where its stdout and stderr go. */
  logFile: string;
  execArgv?: string[];
}

/** A local-cloud service in a process of its own, started again whenever it ends by itself. */
export interface Child {
  readonly name: string;
  pid(): number | undefined;
  /** Asks the service over IPC. Rejects where it is down or does not know the method. */
  ask(method: string, params?: unknown): Promise<unknown>;
  /** Ends the process as a crash would; the supervisor starts it again. */
  kill(): Promise<void>;
  /** Stops it and starts it with its options as they are now. */
  restart(): Promise<void>;
  /** Resolves when the service is ready, again after a restart. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

type Message = { ready: true; port: number } | { id: number; result?: unknown; error?: string };

const RESTART_DELAY_MS = 100;
const STOP_DEADLINE_MS = 10_000;

/** Starts the service and resolves when it is ready. Rejects with its own line where it cannot start. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openSync(options.logFile, 'a');
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 0;
  let stopping = false;
  let started = Promise.withResolvers<void>();
  let child: ChildProcess;

  const launch = () => {
    let firstError = '';
    let isReady = false;
    const process_ = fork(options.module, [], {
      env: { ...process.env, ...options.env, ...clockVariable() },
      execArgv: options.execArgv ?? [],
      stdio: ['ignore', log, 'pipe', 'ipc'],
    });
    child = process_;
    // A child that dies at once takes the channel with it: its exit says what there is to say.
    process_.send(options.options() as object, () => undefined);
    process_.stderr?.on('data', (chunk: Buffer) => {
      writeSync(log, chunk);
      firstError = `${firstError}${chunk.toString()}`.slice(0, 4_000);
    });
    process_.on('message', (message: Message) => {
      if ('ready' in message) {
        isReady = true;
        started.resolve();
        return;
      }
      const { id, result, error } = message;
      const request = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) request?.resolve(result);
      else request?.reject(new Error(error));
    });
    process_.once('exit', (code) => {
      for (const request of waiting.values()) request.reject(new Error(`${options.name} ended`));
      waiting.clear();
      if (stopping || process_ !== child) return;
      if (!isReady && code !== 0 && firstStart) {
        started.reject(new Error(firstError.trim() || `${options.name} ended with ${code} before it was ready`));
        return;
      }
      if (isReady) {
        started = Promise.withResolvers<void>();
        started.promise.catch(() => undefined);
      }
      void delay(RESTART_DELAY_MS).then(() => {
        if (!stopping) launch();
      });
    });
  };

  let firstStart = true;
  launch();
  await started.promise;
  firstStart = false;

  /** One that has just ended, and is not started again yet, says so no second time. */
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const ending = child;
    if (ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    const late = setTimeout(() => ending.kill('SIGKILL'), STOP_DEADLINE_MS);
    await exited;
    clearTimeout(late);
  };

  return {
    name: options.name,
    pid: () => child.pid,
    ready: () => started.promise,
    async ask(method, params) {
      await started.promise;
      const id = nextId++;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      child.send({ id, method, params });
      return answer.promise;
    },
    kill: () => end('SIGKILL'),
    async restart() {
      started = Promise.withResolvers<void>();
      stopping = true;
      await end('SIGTERM');
      stopping = false;
      launch();
      await started.promise;
    },
    async stop() {
      stopping = true;
      await end('SIGTERM');
    },
  };
}

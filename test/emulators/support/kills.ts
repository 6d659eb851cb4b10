import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

/** A service in a process of its own, as the supervisor starts it. */
export interface Running {
  port: number;
  /** Asks over IPC, as the supervisor does. */
  ask(method: string): Promise<unknown>;
}

/** A service that is killed again and again, and a model of what must be there afterwards. */
export interface Subject {
  /** Its main.ts. */
  main: URL;
  options(dataDir: string, fsync: boolean): object;
  /** Sees that what is there is what the model allows, and tells the model. */
  check(t: ExecutionContext, service: Running): Promise<void>;
  /** Works on the service until the load is over. */
  load(service: Running): Load;
}

/** Kills the service with -9 under load, `kills` times, every second time with fsync on; then checks a last time. */
export async function surviveKills(t: ExecutionContext, subject: Subject, kills: number): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-kills-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  for (let round = 0; round < kills; round++) {
    t.log(`kill ${round + 1}`);
    const { child, service } = await start(t, subject.main, subject.options(dataDir, round % 2 === 1));
    await subject.check(t, service);
    const load = subject.load(service);
    await load.answered(20 + ((round * 37) % 80));
    // Anywhere between two answers.
    await pause((round * 7) % 5);
    child.kill('SIGKILL');
    load.stop();
    await exitOf(child);
  }
  const { child, service, stderr } = await start(t, subject.main, subject.options(dataDir, false));
  await subject.check(t, service);
  child.kill('SIGTERM');
  await exitOf(child);
  t.is(child.exitCode, 0, stderr());
}

async function start(
  t: ExecutionContext,
  main: URL,
  options: object,
): Promise<{ child: ChildProcess; service: Running; stderr: () => string }> {
  const child = fork(fileURLToPath(main), [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const [ready] = await Promise.race([once(child, 'message'), exitOf(child).then(() => [undefined])]);
  if (ready === undefined) throw new Error(`it did not start: ${stderr}`);
  const ask = async (method: string) => {
    child.send({ id: 1, method });
    const [{ result, error }] = (await once(child, 'message')) as [{ result: unknown; error?: string }];
    if (error !== undefined) throw new Error(error);
    return result;
  };
  return { child, stderr: () => stderr, service: { port: (ready as { port: number }).port, ask } };
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Workers that each repeat a step. */
export class Load {
  #answers = 0;
  #isOver = false;
  #failure: Error | undefined;
  #changed = Promise.withResolvers<void>();
  readonly #end: () => void;

  /** @param end lets go of the clients, whose calls then fail. */
  constructor(steps: ((worker: number) => Promise<() => void>)[], end: () => void) {
    this.#end = end;
    for (const [worker, step] of steps.entries()) void this.#repeat(() => step(worker));
  }

  /** Resolves after so many answers; rejects when a step fails before the load is over. */
  async answered(count: number): Promise<void> {
    while (this.#answers < count && this.#failure === undefined) await this.#changed.promise;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** An answer that comes later is not counted, and what was asked for remains in doubt. */
  stop(): void {
    this.#isOver = true;
    this.#end();
  }

  /** A step resolves with what its answer means for the model. */
  async #repeat(step: () => Promise<() => void>): Promise<void> {
    try {
      while (!this.#isOver) {
        const acknowledge = await step();
        if (this.#isOver) return;
        acknowledge();
        this.#answers += 1;
        this.#tell();
      }
    } catch (error) {
      if (this.#isOver) return;
      this.#failure = error as Error;
      this.#tell();
    }
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** What each of several things may be found to be after a kill, where only one change of it is under way at a time. */
export class Registers<V> {
  #known = new Map<string, V | undefined>();
  #attempted = new Map<string, V | undefined>();

  get keys(): Iterable<string> {
    return new Set([...this.#known.keys(), ...this.#attempted.keys()]);
  }

  /** Says that a change is sent, and hands back what to call when it is acknowledged. */
  attempt(key: string, value: V | undefined): () => void {
    this.#attempted.set(key, value);
    return () => {
      this.#attempted.delete(key);
      this.#known.set(key, value);
    };
  }

  /** Sees that what was found is what was last acknowledged or was under way, and takes it as known from here on. */
  found(t: ExecutionContext, key: string, value: V | undefined): void {
    const known = this.#known.get(key);
    const allowed = this.#attempted.has(key) ? [known, this.#attempted.get(key)] : [known];
    t.true(allowed.includes(value), `${key} is ${value}, and may be ${allowed.join(' or ')}`);
    this.#attempted.delete(key);
    this.#known.set(key, value);
  }
}

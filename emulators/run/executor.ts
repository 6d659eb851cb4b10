import { join } from 'node:path';
import { status as Code } from '@grpc/grpc-js';
import { type Attempt, type Ending, startAttempt } from './attempt.ts';
import { attemptResult, failureMessage, interrupted } from './attempt-result.ts';
import type { Catalogue } from './catalogue.ts';
import { failed, succeeded, withCondition } from './conditions.ts';
import { idOf } from './names.ts';
import type { Operations } from './operations.ts';
import type { RunOptions } from './options.ts';
import { type AttemptResult, type Execution, milliseconds, now, type Task } from './resources.ts';
import { taskCommand } from './task-command.ts';

const ERROR_CODES = { CANCELLED: Code.CANCELLED, NON_ZERO_EXIT_CODE: Code.ABORTED } as const;

/** An execution that has tasks to run. */
interface Active {
  name: string;
  /** Names of tasks that wait for their next attempt. */
  waiting: string[];
  running: Map<string, Attempt | undefined>;
  /** Deleted while it ran: what becomes of its tasks is of no interest. */
  isDiscarded?: boolean;
  /** No further task starts, and those that run are ended. */
  isCancelled: boolean;
}

/**
 * Runs executions: their tasks, as many at a time as the execution and this machine allow, with retries. The execution
 * is done when all its tasks are, and has failed when one of them has (cloud.google.com/run/docs/configuring/task-timeout,
 * jobs-retries). What a restart interrupted counts as a failed attempt.
 */
export class Executor {
  readonly #catalogue: Catalogue;
  readonly #operations: Operations;
  readonly #options: RunOptions;
  readonly #active = new Map<string, Active>();
  #isClosed = false;

  constructor(catalogue: Catalogue, operations: Operations, options: RunOptions) {
    this.#catalogue = catalogue;
    this.#operations = operations;
    this.#options = options;
  }

  /** Begins the tasks of an execution that was just made. */
  start(execution: Execution): void {
    this.#activate(execution);
    this.#fill();
  }

  /** Goes on with what was under way when the service ended. */
  resume(): void {
    for (const execution of this.#catalogue.all('execution')) {
      if (execution.completionTime === undefined) this.#resumeExecution(execution);
      else this.#operations.finish(execution.name, outcomeOf(execution));
    }
    this.#fill();
  }

  #resumeExecution({ name }: Execution): void {
    const active = this.#activate(this.#catalogue.changeExecution(name, { runningCount: 0 }));
    for (const task of this.#catalogue.under('task', name)) {
      if (task.attempting) this.#settle(active, task, interrupted);
      else if (active.isCancelled && task.completionTime === undefined) this.#cancelTask(active, task);
    }
    this.#completeIfOver(active);
  }

  /** Its tasks wait, but for those whose attempt a restart interrupted. */
  #activate({ name, ending }: Execution): Active {
    const isCancelled = ending?.reason === 'CANCELLED';
    const waiting = this.#catalogue
      .under('task', name)
      .filter((task) => task.completionTime === undefined && !task.attempting && !isCancelled)
      .sort((a, b) => a.index - b.index);
    const active = { name, isCancelled, waiting: waiting.map((task) => task.name), running: new Map() };
    this.#active.set(name, active);
    return active;
  }

  isRunning(execution: string): boolean {
    return this.#active.has(execution);
  }

  /** Starts no further task and ends those that run; the execution completes when the last one is gone. */
  cancel(execution: string): void {
    const active = this.#active.get(execution);
    if (active === undefined || active.isCancelled) return;
    active.isCancelled = true;
    const message = `Execution ${idOf(execution)} has been cancelled.`;
    this.#catalogue.changeExecution(execution, { ending: { reason: 'CANCELLED', message } });
    for (const name of active.waiting.splice(0)) this.#cancelTask(active, this.#catalogue.get('task', name));
    for (const attempt of active.running.values()) attempt?.stop();
    this.#completeIfOver(active);
  }

  /** Ends an execution that is about to be deleted, without waiting for its tasks to end. */
  discard(execution: string): void {
    const active = this.#active.get(execution);
    if (active === undefined) return;
    this.#active.delete(execution);
    active.isDiscarded = true;
    for (const attempt of active.running.values()) attempt?.stop();
    const message = `Execution ${idOf(execution)} has been deleted.`;
    this.#operations.finish(execution, { error: { code: Code.CANCELLED, message } });
    this.#fill();
  }

  /** Ends every task at once, and leaves the rest: the next start resumes what was under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const attempts = [...this.#active.values()].flatMap(({ running }) => [...running.values()]);
    for (const attempt of attempts) attempt?.kill();
    await Promise.all(attempts.map((attempt) => attempt?.ended));
  }

  #fill(): void {
    for (const active of this.#active.values()) {
      const { parallelism, taskCount } = this.#catalogue.get('execution', active.name);
      while (active.running.size < (parallelism || taskCount) && this.#runningTasks() < this.#options.maxTasks) {
        const name = active.waiting.shift();
        if (name === undefined) break;
        active.running.set(name, undefined);
        void this.#attempt(active, name);
      }
    }
  }

  #runningTasks(): number {
    return [...this.#active.values()].reduce((sum, { running }) => sum + running.size, 0);
  }

  async #attempt(active: Active, name: string): Promise<void> {
    const task = this.#begin(active, name);
    const ending = await this.#run(active, task);
    if (this.#isClosed || active.isDiscarded === true) return;
    active.running.delete(name);
    const { runningCount } = this.#catalogue.get('execution', active.name);
    this.#catalogue.changeExecution(active.name, { runningCount: runningCount - 1 });
    this.#settle(active, task, attemptResult(ending));
    this.#completeIfOver(active);
    this.#fill();
  }

  #begin(active: Active, name: string): Task {
    const { startTime, runningCount, conditions } = this.#catalogue.get('execution', active.name);
    this.#catalogue.changeExecution(active.name, {
      runningCount: runningCount + 1,
      ...(startTime === undefined
        ? { startTime: now(), conditions: withCondition(conditions, succeeded('Started')) }
        : {}),
    });
    const task = this.#catalogue.get('task', name);
    return this.#catalogue.changeTask(name, {
      attempting: true,
      startTime: task.startTime ?? now(),
      scheduledTime: task.scheduledTime ?? now(),
      conditions: withCondition(task.conditions, succeeded('Started')),
    });
  }

  async #run(active: Active, task: Task): Promise<Ending> {
    const execution = this.#catalogue.get('execution', active.name);
    try {
      const command = await taskCommand(task, execution, this.#options);
      // Nothing runs that a restart would not know of.
      await this.#catalogue.settled();
      // It may have been cancelled meanwhile.
      if (active.isCancelled || active.isDiscarded === true || this.#isClosed)
        return { by: 'signal', signal: 'SIGTERM' };
      const attempt = startAttempt({
        ...command,
        logPath: join(this.#options.dataDir, 'logs', idOf(active.name), `${idOf(task.name)}-${task.retried}.log`),
        timeoutMs: milliseconds(task.timeout ?? {}),
        graceMs: this.#options.graceMs,
      });
      active.running.set(task.name, attempt);
      return await attempt.ended;
    } catch (error) {
      return { by: 'failure', message: (error as Error).message };
    }
  }

  /** What comes of a task after an attempt. */
  #settle(active: Active, task: Task, lastAttemptResult: AttemptResult): void {
    if (lastAttemptResult.status.code === Code.OK) {
      const { succeededCount } = this.#catalogue.get('execution', active.name);
      this.#catalogue.changeExecution(active.name, { succeededCount: succeededCount + 1 });
      this.#finishTask(task, { lastAttemptResult, conditions: [succeeded('Completed')] });
    } else if (active.isCancelled) this.#cancelTask(active, task, lastAttemptResult);
    else if (task.retried < task.maxRetries) this.#retry(active, task, lastAttemptResult);
    else this.#failTask(active, task, lastAttemptResult);
  }

  #retry(active: Active, task: Task, lastAttemptResult: AttemptResult): void {
    const { retriedCount } = this.#catalogue.get('execution', active.name);
    if (task.retried === 0) this.#catalogue.changeExecution(active.name, { retriedCount: retriedCount + 1 });
    const retried = task.retried + 1;
    this.#catalogue.changeTask(task.name, { attempting: false, retried, lastAttemptResult });
    active.waiting.unshift(task.name);
  }

  #failTask(active: Active, task: Task, lastAttemptResult: AttemptResult): void {
    const message = failureMessage(idOf(task.name), lastAttemptResult);
    const { failedCount, ending } = this.#catalogue.get('execution', active.name);
    this.#catalogue.changeExecution(active.name, {
      failedCount: failedCount + 1,
      ending: ending ?? { reason: 'NON_ZERO_EXIT_CODE', message },
    });
    this.#finishTask(task, {
      lastAttemptResult,
      conditions: [failed('Completed', message, { executionReason: 'NON_ZERO_EXIT_CODE' })],
    });
  }

  #cancelTask(active: Active, task: Task, lastAttemptResult?: AttemptResult): void {
    const { cancelledCount } = this.#catalogue.get('execution', active.name);
    this.#catalogue.changeExecution(active.name, { cancelledCount: cancelledCount + 1 });
    this.#finishTask(task, {
      ...(lastAttemptResult === undefined ? {} : { lastAttemptResult }),
      conditions: [failed('Completed', 'The task has been cancelled.', { executionReason: 'CANCELLED' })],
    });
  }

  #finishTask({ name }: Task, change: Partial<Task>): void {
    this.#catalogue.changeTask(name, { attempting: false, completionTime: now(), reconciling: false, ...change });
  }

  #completeIfOver(active: Active): void {
    if (active.running.size > 0 || active.waiting.length > 0 || !this.#active.delete(active.name)) return;
    const { conditions, ending } = this.#catalogue.get('execution', active.name);
    const condition =
      ending === undefined
        ? succeeded('Completed')
        : failed('Completed', ending.message, { executionReason: ending.reason });
    const execution = this.#catalogue.changeExecution(active.name, {
      completionTime: now(),
      reconciling: false,
      conditions: withCondition(conditions, condition),
    });
    this.#operations.finish(active.name, outcomeOf(execution));
  }
}

/** What the operations that wait for a completed execution end with. */
function outcomeOf(execution: Execution): Parameters<Operations['finish']>[1] {
  const { ending } = execution;
  if (ending === undefined) return { response: execution };
  return { response: execution, error: { code: ERROR_CODES[ending.reason], message: ending.message } };
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What a load process is asked, and what it answers. */
export type LoadRequest = { ask: 'report' | 'stop' } | { progress: number };

export interface LoadReport {
  /** Messages published, or received. */
  count: number;
  /** process.hrtime.bigint() as a string: one clock for all processes of a machine. */
  at: string;
  /** Publish to receive, in milliseconds; of a paced subscriber. */
  latenciesMs?: number[];
}

/** A load generator or consumer in a process of its own. */
export class LoadProcess {
  readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Starts `script` with one JSON argument and waits until it says that it is ready. */
  static async start(
    script: string,
    options: object,
  ): Promise<{ process: LoadProcess; ready: Record<string, unknown> }> {
    const child = fork(script, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const exited = once(child, 'exit').then(([code]) => {
      throw new Error(`${script} ended with code ${code} before it was ready`);
    });
    const [ready] = await Promise.race([once(child, 'message'), exited]);
    exited.catch(() => undefined);
    return { process: new LoadProcess(child), ready };
  }

  async ask(ask: 'report' | 'stop'): Promise<LoadReport> {
    const { child } = this;
    const answer = new Promise<LoadReport>((resolve) => {
      const listen = (message: object) => {
        if (!('count' in message)) return;
        child.off('message', listen);
        resolve(message as LoadReport);
      };
      child.on('message', listen);
    });
    child.send({ ask });
    return answer;
  }

  /**
   * Tells `publisher` how far this subscriber is, so that it publishes no faster than that: what is measured is the
   * rate that the whole chain holds, not how fast a backlog can be built up.
   */
  throttles(publisher: LoadProcess): void {
    this.child.on('message', (message: object) => {
      if ('progress' in message && publisher.child.connected) publisher.child.send(message);
    });
  }

  /** CPU seconds used so far, user and system, where /proc tells. */
  cpuSeconds(): number | undefined {
    try {
      const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      return undefined;
    }
  }

  /** Resident memory in megabytes, where /proc tells. */
  residentMb(): number | undefined {
    try {
      const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))?.[1];
      return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
    } catch {
      return undefined;
    }
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill();
    await exited;
  }
}

/** The value below which `share` of the sorted numbers lie. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Messages a second between two reports of one process. */
export function rate(from: LoadReport, to: LoadReport): number {
  return ((to.count - from.count) * 1e9) / Number(BigInt(to.at) - BigInt(from.at));
}

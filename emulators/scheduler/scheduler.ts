import * as z from 'zod';
import { idTokenSource } from '../identity/id-token-source.ts';
import { type Clock, localClock } from './clock.ts';
import { type Job, jobOf, jobOptions } from './job.ts';
import { nextTime } from './next-time.ts';
import { type RunContext, type RunStatus, runJob } from './run.ts';

export const schedulerOptions = z.strictObject({
  jobs: z.array(jobOptions),
  /** Origin of the identity server, which signs the jobs' OIDC tokens. */
  identityUrl: z.url(),
});

type SchedulerOptions = z.input<typeof schedulerOptions>;

interface JobState {
  name: string;
  schedule: string;
  timeZone: string;
  /** RFC 3339; absent while the job is paused. */
  scheduleTime?: string;
  /** How it went last. */
  lastRun?: RunStatus;
}

export interface Scheduler {
  readonly jobs: readonly JobState[];
  /** Runs a job now, paused or not, retries included. Rejects where there is no such job. */
  runNow(name: string): Promise<RunStatus>;
  /** Stops scheduling, breaks off requests under way, and resolves when nothing runs any more. */
  close(): Promise<void>;
}

interface Entry {
  job: Job;
  state: JobState;
}

/**
 * Runs Cloud Scheduler jobs on time. A run that is due while the last one goes on is delayed until that ends; runs missed
 * meanwhile, or while the machine slept, become one. `onRun` is told how each run ended. Throws where a schedule or time zone is not one.
 */
export function startScheduler(
  options: SchedulerOptions,
  { clock = localClock, onRun }: { clock?: Clock; onRun?: (status: RunStatus) => void } = {},
): Scheduler {
  const { jobs, identityUrl } = schedulerOptions.parse(options);
  const abort = new AbortController();
  const context: RunContext = { clock, closing: abort.signal, idToken: tokensOf(identityUrl) };
  const entries = new Map(jobs.map((job) => [job.name, entryOf(job, clock.now())]));
  const running = new Set<Promise<unknown>>();

  async function runAndRecord(entry: Entry, scheduledMs: number): Promise<RunStatus> {
    const status = await runJob(entry.job, scheduledMs, context);
    entry.state.lastRun = status;
    onRun?.(status);
    return status;
  }

  async function keepSchedule(entry: Entry): Promise<void> {
    const { cron, wall } = entry.job;
    let due = nextTime(cron, wall, clock.now());
    while (due !== undefined && !abort.signal.aborted) {
      entry.state.scheduleTime = new Date(due).toISOString();
      await clock.waitUntil(due, abort.signal);
      if (abort.signal.aborted) return;
      await runAndRecord(entry, due);
      due = nextDue(entry.job, due, clock.now());
    }
  }

  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    void work.finally(() => running.delete(work));
    return work;
  }

  for (const entry of entries.values()) {
    if (!entry.job.paused) track(keepSchedule(entry));
  }
  return {
    get jobs() {
      return [...entries.values()].map((entry) => entry.state);
    },
    async runNow(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw new Error(`there is no job ${name}; jobs: ${[...entries.keys()].join(', ')}`);
      return track(runAndRecord(entry, clock.now()));
    },
    async close() {
      abort.abort();
      await Promise.allSettled(running);
    },
  };
}

function entryOf(options: z.output<typeof jobOptions>, nowMs: number): Entry {
  const { name, schedule, timeZone } = options;
  return { job: jobOf(options, nowMs), state: { name, schedule, timeZone } };
}

/** The latest time that has been missed, or the next to come. */
function nextDue({ cron, wall }: Job, lastMs: number, nowMs: number): number | undefined {
  let due = nextTime(cron, wall, lastMs);
  for (;;) {
    const later = due === undefined || due > nowMs ? undefined : nextTime(cron, wall, due);
    if (later === undefined || later > nowMs) return due;
    due = later;
  }
}

function tokensOf(identityUrl: string): RunContext['idToken'] {
  const sources = new Map<string, (audience: string) => Promise<string>>();
  return (serviceAccount, audience) => {
    let source = sources.get(serviceAccount);
    if (source === undefined) {
      source = idTokenSource({ identityUrl, serviceAccount });
      sources.set(serviceAccount, source);
    }
    return source(audience);
  };
}

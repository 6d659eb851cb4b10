import { type AttemptOutcome, attempt } from './attempt.ts';
import type { Clock } from './clock.ts';
import { backoffMs, type Job } from './job.ts';
import { nextTime } from './next-time.ts';

/** How one run of a job ended, its retries included. */
export interface RunStatus {
  job: string;
  /** RFC 3339. */
  scheduleTime: string;
  ok: boolean;
  attempts: number;
  /** HTTP status of the last attempt; absent where there was no answer. */
  status?: number;
  /** Why the last attempt had no answer. */
  error?: string;
}

export interface RunContext {
  clock: Clock;
  closing: AbortSignal;
  idToken(serviceAccount: string, audience: string): Promise<string>;
}

/** Attempts a job until it succeeds, its retries are used up, or its next scheduled time has come. */
export async function runJob(job: Job, scheduledMs: number, context: RunContext): Promise<RunStatus> {
  const { clock, closing } = context;
  const giveUpAt = lastRetryTime(job, scheduledMs, clock.now());
  let attempts = 0;
  for (;;) {
    const outcome = await attempt(job, scheduledMs, context.idToken, closing);
    attempts += 1;
    const retryAt = clock.now() + backoffMs(job.retry, attempts);
    if (outcome.ok || attempts > job.retry.count || retryAt >= giveUpAt || closing.aborted) {
      return statusOf(job, scheduledMs, attempts, outcome);
    }
    await clock.waitUntil(retryAt, closing);
    if (closing.aborted) return statusOf(job, scheduledMs, attempts, outcome);
  }
}

function lastRetryTime(job: Job, scheduledMs: number, startedMs: number): number {
  const nextRun = nextTime(job.cron, job.wall, Math.max(scheduledMs, startedMs)) ?? Number.POSITIVE_INFINITY;
  const { maxDurationMs } = job.retry;
  return maxDurationMs === undefined ? nextRun : Math.min(nextRun, startedMs + maxDurationMs);
}

function statusOf(job: Job, scheduledMs: number, attempts: number, outcome: AttemptOutcome): RunStatus {
  const scheduleTime = new Date(scheduledMs).toISOString();
  const seen = 'status' in outcome ? { status: outcome.status } : { error: outcome.error };
  return { job: job.name, scheduleTime, ok: outcome.ok, attempts, ...seen };
}

import * as z from 'zod';
import { type Cron, parseCron } from './cron.ts';
import { nextTime, type WallClock, wallClock } from './next-time.ts';

/** A duration as Google's APIs write it: `3.5s`. */
const duration = z.string().regex(/^\d+(\.\d+)?s$/, "a duration is seconds and 's': 30s");

/** A Cloud Scheduler job with an HTTP target, with the fields and defaults of the REST API. */
export const jobOptions = z.object({
  name: z.string().min(1),
  /** Unix-cron, five fields. */
  schedule: z.string(),
  /** IANA name. */
  timeZone: z.string().default('Etc/UTC'),
  /** A paused job runs only when it is told to. */
  paused: z.boolean().default(false),
  attemptDeadline: duration.default('180s'),
  retryConfig: z
    .object({
      retryCount: z.int().min(0).default(0),
      /** 0s: no limit. */
      maxRetryDuration: duration.default('0s'),
      minBackoffDuration: duration.default('5s'),
      maxBackoffDuration: duration.default('3600s'),
      maxDoublings: z.int().min(0).default(5),
    })
    .prefault({}),
  httpTarget: z.object({
    uri: z.url({ protocol: /^https?$/ }),
    httpMethod: z.enum(['POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']).default('POST'),
    /** Base64, as the API and Pulumi have it. */
    body: z.base64().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    oidcToken: z.object({ serviceAccountEmail: z.string().min(1), audience: z.string().optional() }).optional(),
  }),
});

export type JobOptions = z.input<typeof jobOptions>;

export interface Job {
  name: string;
  paused: boolean;
  cron: Cron;
  wall: WallClock;
  attemptDeadlineMs: number;
  retry: RetryRules;
  target: z.output<typeof jobOptions>['httpTarget'];
}

interface RetryRules {
  count: number;
  /** Undefined: no limit. */
  maxDurationMs: number | undefined;
  minBackoffMs: number;
  maxBackoffMs: number;
  maxDoublings: number;
}

/** Throws one line that names the job where its schedule or time zone is not one. */
export function jobOf(options: JobOptions, nowMs: number): Job {
  const { name, schedule, timeZone, paused, attemptDeadline, retryConfig, httpTarget } = jobOptions.parse(options);
  try {
    const cron = parseCron(schedule);
    const wall = wallClock(timeZone);
    if (nextTime(cron, wall, nowMs) === undefined) throw new Error(`schedule '${schedule}' never comes`);
    const maxDurationMs = milliseconds(retryConfig.maxRetryDuration);
    return {
      name,
      paused,
      cron,
      wall,
      attemptDeadlineMs: milliseconds(attemptDeadline),
      retry: {
        count: retryConfig.retryCount,
        maxDurationMs: maxDurationMs === 0 ? undefined : maxDurationMs,
        minBackoffMs: milliseconds(retryConfig.minBackoffDuration),
        maxBackoffMs: milliseconds(retryConfig.maxBackoffDuration),
        maxDoublings: retryConfig.maxDoublings,
      },
      target: httpTarget,
    };
  } catch (cause) {
    throw new Error(`job ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function milliseconds(text: string): number {
  return Number.parseFloat(text) * 1000;
}

/**
 * How long to wait before a retry (the first is 1): the interval doubles `maxDoublings` times, then grows by the last
 * doubled interval each time, and stays at the maximum once it is there.
 */
export function backoffMs({ minBackoffMs, maxBackoffMs, maxDoublings }: RetryRules, retry: number): number {
  const doubled = minBackoffMs * 2 ** Math.min(retry - 1, maxDoublings);
  const linear = Math.max(0, retry - 1 - maxDoublings) * minBackoffMs * 2 ** maxDoublings;
  return Math.min(maxBackoffMs, doubled + linear);
}

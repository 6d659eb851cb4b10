import type { Config } from './config.ts';
import { loginPool } from './database.ts';

const WINDOW_MS = 60_000;
/** Share of a window an instance leases at a time: PostgreSQL is asked once in so many requests, and an instance that stops takes little with it. */
const LEASE_SHARE = 0.1;

/** Plans multiply what an operation allows. */
const PLAN_FACTOR: Record<string, number> = { free: 0.2, standard: 1, professional: 5, platform: 1_000 };

interface Lease {
  window: number;
  left: number;
}

const leases = new Map<string, Lease>();
/** Leases being asked for, which all who come meanwhile wait for: each asking for its own would take the whole window at once. */
const asked = new Map<string, Promise<number>>();

export type QuotaAnswer = { kind: 'granted' } | { kind: 'exceeded'; retryAfterSeconds: number };

/** Takes one request from the caller's share of this operation in this minute. */
export async function takeQuota(
  config: Config,
  subject: string,
  plan: string,
  perMinute: number,
  now: number,
): Promise<QuotaAnswer> {
  const allowed = Math.max(1, Math.floor(perMinute * (PLAN_FACTOR[plan] ?? 1)));
  const window = Math.floor(now / WINDOW_MS) * WINDOW_MS;
  for (;;) {
    const known = leases.get(subject);
    if (known !== undefined && known.window === window && known.left > 0) {
      known.left -= 1;
      return { kind: 'granted' };
    }
    const key = `${window} ${subject}`;
    const leasing = asked.get(key) ?? lease(config, subject, window, allowed).finally(() => asked.delete(key));
    asked.set(key, leasing);
    if ((await leasing) === 0)
      return { kind: 'exceeded', retryAfterSeconds: Math.max(1, Math.ceil((window + WINDOW_MS - now) / 1_000)) };
  }
}

/** Returns how many requests were leased: none once the window is used up. */
async function lease(config: Config, subject: string, window: number, allowed: number): Promise<number> {
  const wanted = Math.max(1, Math.ceil(allowed * LEASE_SHARE));
  const [row] = await loginPool(config.database)<{ granted: number }[]>`
    select lease_quota(${subject}, ${new Date(window)}, ${wanted}, ${allowed}) as granted`;
  const granted = row?.granted ?? 0;
  if (granted > 0) leases.set(subject, { window, left: granted });
  forgetOldWindows(window);
  return granted;
}

/** Subjects come and go; what a past minute left is worth nothing. */
function forgetOldWindows(window: number): void {
  if (leases.size < 10_000) return;
  for (const [subject, lease] of leases) if (lease.window < window) leases.delete(subject);
}

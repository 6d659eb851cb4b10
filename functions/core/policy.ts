import { type PolicySnapshot, policySnapshot } from '#contracts/kit/policy.ts';
import { documentStore } from './firestore.ts';
import { processLogger } from './logger.ts';

/** `unreachable`: neither the fast copy nor a recent memory of it is to be had; only reductions are permitted then. */
export type CachedPolicy = { kind: 'known'; policy: PolicySnapshot } | { kind: 'none' } | { kind: 'unreachable' };

/** A copy younger than this is served as it is. */
const FRESH_MS = 1_000;
/** A copy older than this is not policy any more. */
const STALE_MS = 5_000;
const READ_DEADLINE_MS = 1_000;

interface Entry {
  value: CachedPolicy;
  readAt: number;
  refreshing: Promise<CachedPolicy> | undefined;
}

const cache = new Map<string, Entry>();
let reachable = true;
/** A store that has just failed is not asked again so long: whoever decides within a transaction would hold up its neighbours. */
const PAUSE_AFTER_FAILURE_MS = 500;
let pausedUntil = Number.NEGATIVE_INFINITY;

/**
 * A tenant's policy from memory, at most five seconds old. A read older than one second starts a refresh behind the answer; one
 * older than five waits for it. A cached read costs about a microsecond; a listener per tenant was the other choice, but an idle
 * Cloud Run instance has no CPU to run one.
 */
export function readPolicy(tenant: string): Promise<CachedPolicy> | CachedPolicy {
  const entry = cache.get(tenant);
  const age = entry === undefined ? Number.POSITIVE_INFINITY : performance.now() - entry.readAt;
  if (entry !== undefined && age < FRESH_MS) return entry.value;
  const refreshed = refreshPolicy(tenant);
  return entry !== undefined && age < STALE_MS && entry.value.kind === 'known' ? entry.value : refreshed;
}

/** Reads the fast copy again now: for a decision that found the truth ahead of it. */
export function refreshPolicy(tenant: string): Promise<CachedPolicy> {
  const entry: Entry = cache.get(tenant) ?? {
    value: { kind: 'unreachable' },
    readAt: Number.NEGATIVE_INFINITY,
    refreshing: undefined,
  };
  cache.set(tenant, entry);
  entry.refreshing ??= fetchPolicy(tenant, entry).finally(() => {
    entry.refreshing = undefined;
  });
  return entry.refreshing;
}

/** Whether the last read of any tenant's policy reached the store: part of the health answer. */
export function policyStoreReachable(): boolean {
  return reachable;
}

async function fetchPolicy(tenant: string, entry: Entry): Promise<CachedPolicy> {
  if (performance.now() < pausedUntil) return remembered(entry);
  try {
    const store = await documentStore();
    const read = store.doc(`policies/${tenant}`).get();
    const snapshot = await withDeadline(read);
    entry.value = snapshot.exists ? { kind: 'known', policy: policySnapshot.parse(snapshot.data()) } : { kind: 'none' };
    entry.readAt = performance.now();
    reachable = true;
    return entry.value;
  } catch (error) {
    reachable = false;
    pausedUntil = performance.now() + PAUSE_AFTER_FAILURE_MS;
    processLogger('policy').error({ tenant, error: String(error) }, 'policy store unreachable: reductions only');
    return remembered(entry);
  }
}

function remembered({ value, readAt }: Entry): CachedPolicy {
  return performance.now() - readAt < STALE_MS ? value : { kind: 'unreachable' };
}

async function withDeadline<T>(read: Promise<T>): Promise<T> {
  let deadline: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => reject(new Error(`no answer within ${READ_DEADLINE_MS} ms`)), READ_DEADLINE_MS);
  });
  try {
    return await Promise.race([read, expired]);
  } finally {
    clearTimeout(deadline);
  }
}

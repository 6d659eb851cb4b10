import { openCircuits } from './call.ts';
import { loginPool } from './database.ts';
import type { Runtime } from './invocation.ts';
import { policyStoreReachable } from './policy.ts';

/** How long an answer stands: probes from many sides cost one query. */
const CACHE_MS = 5_000;
const DATABASE_DEADLINE_MS = 2_000;

export interface Health {
  status: 'ok' | 'degraded' | 'down';
  function: string;
  checks: Record<string, 'ok' | string>;
  checkedAt: string;
}

const cache = new Map<string, { health: Promise<Health>; until: number }>();

/** Whether this function can do its work: `down` without its database, `degraded` without what it can do without for a while. */
export function readHealth(runtime: Runtime, now: number): Promise<Health> {
  const known = cache.get(runtime.name);
  if (known !== undefined && now < known.until) return known.health;
  const health = checkHealth(runtime, now);
  cache.set(runtime.name, { health, until: now + CACHE_MS });
  return health;
}

async function checkHealth(runtime: Runtime, now: number): Promise<Health> {
  const circuits = openCircuits();
  const checks = {
    database: await checkDatabase(runtime),
    policy: policyStoreReachable() ? 'ok' : 'unreachable: reductions only',
    circuits: circuits.length === 0 ? 'ok' : `open: ${circuits.join(', ')}`,
  };
  const status = checks.database !== 'ok' ? 'down' : checks.policy !== 'ok' || circuits.length > 0 ? 'degraded' : 'ok';
  return { status, function: runtime.name, checks, checkedAt: new Date(now).toISOString() };
}

async function checkDatabase(runtime: Runtime): Promise<string> {
  const answered = loginPool(runtime.config.database)`select 1`.then(
    () => 'ok',
    (error: unknown) => `unreachable: ${String(error)}`,
  );
  const late = new Promise<string>((resolve) => {
    setTimeout(() => resolve(`no answer within ${DATABASE_DEADLINE_MS} ms`), DATABASE_DEADLINE_MS).unref();
  });
  return Promise.race([answered, late]);
}

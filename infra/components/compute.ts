import type { Deployment } from '../../functions/core/deployment.ts';
import type { Settings } from '../settings.ts';

/** What a function runs on, with every default filled in. */
export interface Compute {
  cpu: number;
  memoryMiB: number;
  concurrency: number;
  minInstances: number;
  maxInstances: number;
  timeoutSeconds: number;
  /** Connections of one instance under its login role. */
  loginConnections: number;
}

/** Connections of one instance under the outbox role, as core's database.ts opens them. */
export const OUTBOX_CONNECTIONS = 2;
/** An old revision's instances are still there while the new one's start. */
export const REVISIONS_AT_ONCE = 2;
const DEFAULT_MAX_INSTANCES = 5;

const MEBIBYTES = { '256MiB': 256, '512MiB': 512, '1GiB': 1024, '2GiB': 2048, '4GiB': 4096 } as const;

export function computeOf(deployment: Deployment, { functions, database }: Settings): Compute {
  const concurrency = deployment.concurrency ?? 1;
  const maxInstances = Math.min(deployment.maxInstances ?? DEFAULT_MAX_INSTANCES, functions.maxInstances);
  return {
    cpu: deployment.cpu ?? 1,
    memoryMiB: MEBIBYTES[deployment.memory ?? '512MiB'],
    concurrency,
    minInstances: functions.minInstances ? Math.min(deployment.minInstances ?? 0, maxInstances) : 0,
    maxInstances,
    timeoutSeconds: deployment.timeoutSeconds ?? 60,
    // One more than requests at once: a request may read, say a quota, while its transaction holds a connection.
    loginConnections: Math.min(concurrency + 1, database.connectionsPerInstance),
  };
}

/** The most connections that all functions may hold at once, a rollout of all of them included. */
export function connectionDemand(computes: readonly Compute[]): number {
  return computes.reduce(
    (total, { maxInstances, loginConnections }) =>
      total + maxInstances * (loginConnections + OUTBOX_CONNECTIONS) * REVISIONS_AT_ONCE,
    0,
  );
}

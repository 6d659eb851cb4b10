import { now } from '../clock.ts';
import type { Broker } from './broker.ts';

/** What is still to be acknowledged, for a supervisor that waits until the flow is quiet. */
export interface Backlog {
  /** Messages of every subscription that are not acknowledged: waiting, out, or waiting out a back-off. */
  unacked: number;
  /** The same by subscription name; those with nothing left are there with 0. */
  bySubscription: Record<string, number>;
  oldestUnackedSeconds?: number;
}

/** Exact, and no slower with a long backlog. */
export function backlogOf(broker: Broker): Backlog {
  const bySubscription: Record<string, number> = {};
  let unacked = 0;
  for (const { name, queue } of broker.subscriptions.values()) {
    bySubscription[name] = queue.unacked;
    unacked += queue.unacked;
  }
  const oldest = broker.store.oldestPublishTime;
  return {
    unacked,
    bySubscription,
    ...(unacked > 0 && oldest !== undefined ? { oldestUnackedSeconds: (now() - oldest) / 1000 } : {}),
  };
}

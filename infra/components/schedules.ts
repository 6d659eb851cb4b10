import * as gcp from '@pulumi/gcp';
import type { Manifest } from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import type { Accounts } from './accounts.ts';
import type { Addresses } from './addresses.ts';
import { computeOf } from './compute.ts';
import { type Functions, functionOf } from './invokers.ts';

/** A Cloud Scheduler job for each scheduled function, named after it, in UTC. */
export function createSchedules(
  settings: Settings,
  manifest: Manifest,
  accounts: Accounts,
  functions: Functions,
  addresses: Addresses,
): void {
  for (const { name, declaration } of manifest.functions) {
    if (declaration.kind !== 'schedule') continue;
    const { timeoutSeconds } = computeOf(declaration.deployment, settings);
    new gcp.cloudscheduler.Job(
      name,
      {
        name,
        region: settings.region,
        description: declaration.contract.summary,
        schedule: declaration.contract.cron,
        timeZone: 'Etc/UTC',
        // Cloud Scheduler waits 15 s at least and 30 min at most.
        attemptDeadline: `${Math.min(Math.max(timeoutSeconds, 15), 1_800)}s`,
        retryConfig: { retryCount: 3, minBackoffDuration: '5s', maxBackoffDuration: '60s' },
        httpTarget: {
          httpMethod: 'POST',
          uri: addresses(name),
          oidcToken: { serviceAccountEmail: accounts.scheduler.email, audience: addresses(name) },
        },
      },
      { dependsOn: [functionOf(functions, name)] },
    );
  }
}

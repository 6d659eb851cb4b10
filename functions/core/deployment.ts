import type { Event } from '#contracts/kit/event.ts';
import type { JobContract } from '#contracts/kit/job.ts';
import type { Operation } from '#contracts/kit/operation.ts';
import type { Effect } from './effect.ts';
import type { Timer } from './timer.ts';

/** Below one CPU, Cloud Run serves one request at a time: https://cloud.google.com/run/docs/configuring/services/cpu */
type Compute = { cpu?: 1 | 2 | 4; concurrency?: number } | { cpu: 0.167 | 0.25 | 0.333 | 0.5; concurrency?: 1 };

/** What a use case may do: plain data, from which grants and the types of its context follow. */
export interface Permissions {
  /** Events it may publish: becomes roles/pubsub.publisher on each topic. */
  emits?: readonly Event[];
  /** Operations of other contexts it may call: becomes roles/run.invoker on each. */
  calls?: readonly Operation[];
  /** Outside effects it may start. */
  effects?: readonly Effect[];
  /** Durable timers it may set or fire. */
  timers?: readonly Timer[];
  /** Firestore: `projections` may be written, `policy` is only read. */
  firestore?: 'read' | 'write';
  /** Names in Secret Manager; each arrives in the environment under its name in capitals. */
  secrets?: readonly string[];
  /** Buckets it reads and writes, by name: roles/storage.objectUser. Each arrives as `BUCKET_<NAME>`. */
  buckets?: readonly string[];
  /** Buckets it only reads: roles/storage.objectViewer. */
  readsBuckets?: readonly string[];
  /** Makes signed URLs for the buckets it declares: the account may then sign as itself. */
  signsUrls?: boolean;
  /** Keeps objects under a key of each tenant's own: may make such keys. See tenant-key.ts. */
  tenantKeys?: boolean;
  /** Jobs it may start, from an effect: roles/run.jobsExecutorWithOverrides on each. */
  startsJobs?: readonly JobContract[];
}

/** What a function may do and what it runs on. */
export type Deployment = Permissions &
  Compute & {
    memory?: '256MiB' | '512MiB' | '1GiB' | '2GiB' | '4GiB';
    minInstances?: number;
    maxInstances?: number;
    timeoutSeconds?: number;
    /** The bucket whose new objects it is told of, by name; its operation is internal and takes an `objectNotification`. */
    takesObjectsOf?: string;
    /** Is its context's sweep: see sweep.ts. */
    sweeps?: boolean;
    /** May invoke every function of the platform: health probes and redrives of the admin context. */
    operatesPlatform?: boolean;
  };

/** What a job may do and what it runs on. https://cloud.google.com/run/docs/configuring/jobs/gpu */
export type JobDeployment = Permissions & {
  cpu?: 1 | 2 | 4 | 8;
  memory?: '512MiB' | '1GiB' | '2GiB' | '4GiB' | '8GiB' | '16GiB' | '32GiB';
  /** One for the execution. It takes at least 4 CPU and 16 GiB, and lets an execution run for an hour at most. */
  gpu?: 'nvidia-l4';
  /** For one attempt. */
  timeoutSeconds?: number;
  /** How often an attempt that failed is followed by another. */
  maxRetries?: number;
};

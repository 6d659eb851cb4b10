import { now as localTime } from '../clock.ts';

/** google.cloud.run.v2's resources as they are stored, in the parts that the local Cloud Run reads; the rest is kept as it came. */

export interface Timestamp {
  seconds?: number;
  nanos?: number;
}

interface EnvVar {
  name?: string;
  value?: string;
  valueSource?: { secretKeyRef?: { secret?: string; version?: string } };
}

export interface Container {
  name?: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: EnvVar[];
  workingDir?: string;
}

export interface TaskTemplate {
  containers?: Container[];
  volumes?: object[];
  maxRetries?: number;
  timeout?: Timestamp;
  serviceAccount?: string;
}

interface ExecutionTemplate {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  parallelism?: number;
  taskCount?: number;
  template?: TaskTemplate;
}

export interface Condition {
  type: string;
  state: 'CONDITION_PENDING' | 'CONDITION_RECONCILING' | 'CONDITION_FAILED' | 'CONDITION_SUCCEEDED';
  message?: string;
  lastTransitionTime: Timestamp;
  reason?: string;
  executionReason?: string;
}

export interface Job {
  name: string;
  uid: string;
  generation: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  createTime: Timestamp;
  updateTime: Timestamp;
  launchStage?: string;
  template: ExecutionTemplate;
  observedGeneration: number;
  terminalCondition: Condition;
  executionCount: number;
  latestCreatedExecution?: { name: string; createTime: Timestamp };
  startExecutionToken?: string;
  runExecutionToken?: string;
  etag: string;
}

export interface Execution {
  name: string;
  uid: string;
  generation: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  createTime: Timestamp;
  startTime?: Timestamp;
  completionTime?: Timestamp;
  updateTime: Timestamp;
  launchStage?: string;
  job: string;
  parallelism: number;
  taskCount: number;
  template: TaskTemplate;
  reconciling: boolean;
  conditions: Condition[];
  observedGeneration: number;
  runningCount: number;
  succeededCount: number;
  failedCount: number;
  cancelledCount: number;
  retriedCount: number;
  logUri: string;
  etag: string;
  /** Not Cloud Run's: why it will not succeed, kept so that a restart cancels what was being cancelled. */
  ending?: { reason: 'CANCELLED' | 'NON_ZERO_EXIT_CODE'; message: string };
}

export interface AttemptResult {
  status: { code: number; message: string };
  exitCode?: number;
  termSignal?: number;
}

export interface Task {
  name: string;
  uid: string;
  generation: number;
  labels?: Record<string, string>;
  createTime: Timestamp;
  scheduledTime?: Timestamp;
  startTime?: Timestamp;
  completionTime?: Timestamp;
  updateTime: Timestamp;
  job: string;
  execution: string;
  containers?: Container[];
  maxRetries: number;
  timeout?: Timestamp;
  serviceAccount?: string;
  reconciling: boolean;
  conditions: Condition[];
  index: number;
  retried: number;
  /** Not Cloud Run's: whether an attempt is under way, so that a restart knows it was interrupted. */
  attempting: boolean;
  lastAttemptResult?: AttemptResult;
  logUri: string;
  etag: string;
}

/** A long-running operation: until it is done, it tells of its resource as that is at the moment. */
export interface Operation {
  name: string;
  kind: 'job' | 'execution';
  /** The resource's name. */
  target: string;
  done: boolean;
  /** Whether it fails when its execution does. */
  runs: boolean;
  error?: { code: number; message: string };
  /** The resource as it was when the operation was done. */
  response?: object;
}

export const milliseconds = ({ seconds = 0, nanos = 0 }: Timestamp): number => seconds * 1000 + nanos / 1_000_000;

export function now(): Timestamp {
  const ms = localTime();
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
}

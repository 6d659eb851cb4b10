import * as z from 'zod';

/** What runs for a container image: there are no containers here, so each image stands for a local command. */
const image = z.strictObject({
  /** Program and first arguments; a container's own `command` replaces it. */
  command: z.array(z.string()).min(1),
  args: z.array(z.string()).default([]),
  /** Where it runs, unless the container says `workingDir`. */
  cwd: z.string().optional(),
});

export const runOptions = z.strictObject({
  /** 0: any free one. */
  port: z.int().min(0).max(65_535),
  /** Jobs, executions, and what tasks print: `logs/EXECUTION/TASK-ATTEMPT.log`. */
  dataDir: z.string().min(1),
  /** Answer a change after the disk has it (power failure), not only the file (kill -9). */
  fsync: z.boolean().default(false),
  /** By image name, without or with a tag. */
  images: z.record(z.string(), image).default({}),
  /** For every task, besides PATH and HOME: the addresses of other services, as a rule. */
  environment: z.record(z.string(), z.string()).default({}),
  /** Where secrets come from that environment variables name, such as `http://127.0.0.1:8087`. */
  secretManagerUrl: z.url().optional(),
  /** Tasks at a time, over all executions; those above it wait. */
  maxTasks: z.int().min(1).default(16),
  /** Between SIGTERM and SIGKILL. Cloud Run waits ten seconds. */
  graceMs: z.int().min(0).default(10_000),
});

export type RunOptions = z.output<typeof runOptions>;

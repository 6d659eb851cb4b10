import * as z from 'zod';
import { serveProcess } from '../service-process.ts';
import type { RunStatus } from './run.ts';
import { schedulerOptions, startScheduler } from './scheduler.ts';

const runNowParams = z.object({ name: z.string() });

/** The scheduler listens on no port; it answers `jobs` and `runNow` over IPC. */
await serveProcess(async (options) => {
  const scheduler = startScheduler(schedulerOptions.parse(options), { onRun: logFailure });
  return {
    port: 0,
    close: () => scheduler.close(),
    methods: {
      jobs: () => scheduler.jobs,
      runNow: (params) => scheduler.runNow(runNowParams.parse(params).name),
    },
  };
});

/** In Cloud Logging's format, as Cloud Scheduler writes its own. */
function logFailure(run: RunStatus): void {
  if (run.ok) return;
  const entry = { severity: 'ERROR', time: new Date().toISOString(), message: `job ${run.job} failed`, run };
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}

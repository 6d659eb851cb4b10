import test from 'ava';
import fc from 'fast-check';
import { createJob, local, runToEnd } from './support.ts';

const MAX_RETRIES = 2;

/** Each task succeeds at the attempt that the plan has for it: the third number is the third task's. */
const script = '[ $CLOUD_RUN_TASK_ATTEMPT -ge $(echo $PLAN | cut -d, -f$((CLOUD_RUN_TASK_INDEX + 1))) ]';

/** What becomes of tasks, by the first attempt at which each would succeed. */
function expected(plan: readonly number[]) {
  const failedCount = plan.filter((attempt) => attempt > MAX_RETRIES).length;
  return {
    succeededCount: plan.length - failedCount,
    failedCount,
    cancelledCount: 0,
    retriedCount: plan.filter((attempt) => attempt > 0).length,
    runningCount: 0,
  };
}

test('whenever its tasks succeed or fail, an execution counts what a list of them would', async (t) => {
  const cloud = await local(t);
  let jobs = 0;
  const plans = fc.array(fc.integer({ min: 0, max: MAX_RETRIES + 1 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const name = await createJob(cloud, `job-${++jobs}`, {
        script,
        tasks: plan.length,
        parallelism: plan.length > 2 ? 2 : 0,
        maxRetries: MAX_RETRIES,
        env: [{ name: 'PLAN', value: plan.join(',') }],
      });
      t.like(await runToEnd(cloud, name), expected(plan), plan.join(','));
    }),
    { numRuns: 12 },
  );
});

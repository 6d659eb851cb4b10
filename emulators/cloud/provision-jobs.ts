import type { LocalJob } from '../../infra/local-jobs.ts';
import type { LocalPlan } from '../../infra/local-plan.ts';

const CONFLICT = 409;

/** The image that stands for a job's code on this machine. */
export function imageOfJob({ name }: Pick<LocalJob, 'name'>): string {
  return `local/${name}`;
}

/** Makes the plan's jobs, through Cloud Run's own API. `environmentOf` says what a job's process sees. */
export async function provisionJobs(
  { project, jobs }: Pick<LocalPlan, 'project' | 'jobs'>,
  runUrl: string,
  environmentOf: (job: LocalJob) => Record<string, string>,
): Promise<void> {
  for (const job of jobs) {
    const parent = `projects/${project}/locations/${job.region}`;
    const env = Object.entries(environmentOf(job)).map(([name, value]) => ({ name, value }));
    const template = {
      taskCount: 1,
      template: {
        maxRetries: job.maxRetries,
        timeout: `${job.timeoutSeconds}s`,
        containers: [{ image: imageOfJob(job), env }],
      },
    };
    const made = await send('POST', `${runUrl}/v2/${parent}/jobs?jobId=${job.name}`, { template });
    const kept =
      made.status === CONFLICT ? await send('PATCH', `${runUrl}/v2/${parent}/jobs/${job.name}`, { template }) : made;
    if (!kept.ok) throw new Error(`job ${job.name} could not be provisioned: ${kept.status} ${await kept.text()}`);
  }
}

function send(method: string, url: string, body: object): Promise<Response> {
  return fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

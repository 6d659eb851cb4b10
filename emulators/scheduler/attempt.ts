import type { Job } from './job.ts';

export type AttemptOutcome = { ok: boolean; status: number } | { ok: false; error: string };

/** Makes one request of a job. Any 2xx is a success; nothing rejects. */
export async function attempt(
  job: Job,
  scheduledMs: number,
  idToken: (serviceAccount: string, audience: string) => Promise<string>,
  closing: AbortSignal,
): Promise<AttemptOutcome> {
  const { uri, httpMethod, body, oidcToken } = job.target;
  try {
    const headers = headersOf(job, scheduledMs);
    if (oidcToken !== undefined) {
      const token = await idToken(oidcToken.serviceAccountEmail, oidcToken.audience ?? uri);
      headers.set('authorization', `Bearer ${token}`);
    }
    const answer = await fetch(uri, {
      method: httpMethod,
      headers,
      body: body === undefined ? null : Buffer.from(body, 'base64'),
      redirect: 'manual',
      signal: AbortSignal.any([closing, AbortSignal.timeout(job.attemptDeadlineMs)]),
    });
    await answer.arrayBuffer();
    return { ok: answer.ok, status: answer.status };
  } catch (error) {
    return { ok: false, error: reasonOf(error) };
  }
}

function headersOf(job: Job, scheduledMs: number): Headers {
  const headers = new Headers(job.target.headers);
  if (job.target.body !== undefined && !headers.has('content-type')) {
    headers.set('content-type', 'application/octet-stream');
  }
  headers.set('user-agent', 'Google-Cloud-Scheduler');
  headers.set('x-cloudscheduler', 'true');
  headers.set('x-cloudscheduler-jobname', job.name);
  headers.set('x-cloudscheduler-scheduletime', new Date(scheduledMs).toISOString());
  return headers;
}

/** fetch says only 'fetch failed'; what it met is the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

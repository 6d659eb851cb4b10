import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { type IdentityServer, startIdentity } from '../../../emulators/identity/server.ts';
import { verifyIdToken } from '../../../emulators/identity/verify-id-token.ts';
import { backoffMs, type JobOptions } from '../../../emulators/scheduler/job.ts';
import { startScheduler } from '../../../emulators/scheduler/scheduler.ts';
import { manualClock } from './manual-clock.ts';

const ACCOUNT = 'scheduler@millrace-local.iam.gserviceaccount.com';
const UNREACHED_IDENTITY = 'http://127.0.0.1:1';

let folder = '';
let identity: IdentityServer;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scheduler-'));
  identity = await startIdentity({ port: 0, dataDir: folder, projectId: 'p', serviceAccounts: [ACCOUNT] });
});

test.after.always(async () => {
  await identity.close();
  await rm(folder, { recursive: true });
});

interface Call {
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Target {
  url: string;
  calls: Call[];
}

/** A server that answers with each status in turn, and then with the last one. */
async function target(t: ExecutionContext, ...statuses: number[]): Promise<Target> {
  const calls: Call[] = [];
  const server: Server = createServer(async (request, response) => {
    const status = statuses[Math.min(calls.length, statuses.length - 1)] ?? 200;
    calls.push({ method: request.method ?? '', headers: request.headers, body: await text(request) });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sweep`, calls };
}

function job(uri: string, more: Partial<JobOptions> = {}): JobOptions {
  return { name: 'sweep', schedule: '*/5 * * * *', httpTarget: { uri }, ...more };
}

test('a job runs at each of its times with the headers that Cloud Scheduler sends', async (t) => {
  const { url, calls } = await target(t, 200);
  const clock = manualClock('2026-01-02T10:03:00Z');
  const scheduler = startScheduler({ jobs: [job(url)], identityUrl: UNREACHED_IDENTITY }, { clock });
  t.teardown(() => scheduler.close());
  t.is(await clock.awaited(), '2026-01-02T10:05:00.000Z');
  clock.moveTo('2026-01-02T10:05:00Z');
  t.is(await clock.awaited(), '2026-01-02T10:10:00.000Z');
  clock.moveTo('2026-01-02T10:10:00Z');
  t.is(await clock.awaited(), '2026-01-02T10:15:00.000Z');
  t.deepEqual(
    calls.map((call) => call.headers['x-cloudscheduler-scheduletime']),
    ['2026-01-02T10:05:00.000Z', '2026-01-02T10:10:00.000Z'],
  );
  t.is(calls[0]?.method, 'POST');
  t.is(calls[0]?.headers['x-cloudscheduler'], 'true');
  t.is(calls[0]?.headers['x-cloudscheduler-jobname'], 'sweep');
  t.is(calls[0]?.headers['user-agent'], 'Google-Cloud-Scheduler');
  t.like(scheduler.jobs[0], { name: 'sweep', scheduleTime: '2026-01-02T10:15:00.000Z', lastRun: { ok: true } });
});

test('times that passed while the machine slept become one run', async (t) => {
  const { url, calls } = await target(t, 200);
  const clock = manualClock('2026-01-02T10:03:00Z');
  const scheduler = startScheduler({ jobs: [job(url)], identityUrl: UNREACHED_IDENTITY }, { clock });
  t.teardown(() => scheduler.close());
  await clock.awaited();
  clock.moveTo('2026-01-02T11:02:00Z');
  t.is(await clock.awaited(), '2026-01-02T11:05:00.000Z');
  t.deepEqual(
    calls.map((call) => call.headers['x-cloudscheduler-scheduletime']),
    ['2026-01-02T10:05:00.000Z', '2026-01-02T11:00:00.000Z'],
  );
});

test('runNow sends body, headers and an id token, also for a paused job', async (t) => {
  const { url, calls } = await target(t, 204);
  const paused = job(url, {
    paused: true,
    httpTarget: {
      uri: url,
      httpMethod: 'PUT',
      body: Buffer.from('{"limit":10}').toString('base64'),
      headers: { 'content-type': 'application/json', 'x-own': 'yes' },
      oidcToken: { serviceAccountEmail: ACCOUNT, audience: 'https://sweep.test' },
    },
  });
  const scheduler = startScheduler({ jobs: [paused], identityUrl: identity.issuer });
  t.teardown(() => scheduler.close());
  t.like(await scheduler.runNow('sweep'), { job: 'sweep', ok: true, status: 204, attempts: 1 });
  const [call] = calls;
  t.like(call, { method: 'PUT', body: '{"limit":10}' });
  t.like(call?.headers, { 'content-type': 'application/json', 'x-own': 'yes' });
  const rules = { jwksUrl: identity.jwksUrl, issuer: identity.issuer, audience: 'https://sweep.test' };
  const claims = await verifyIdToken(String(call?.headers.authorization).replace('Bearer ', ''), rules);
  t.is(claims.email, ACCOUNT);
  t.is(scheduler.jobs[0]?.scheduleTime, undefined);
});

test('a failed attempt is repeated with the same schedule time until one succeeds', async (t) => {
  const { url, calls } = await target(t, 503, 500, 200);
  const retryConfig = { retryCount: 5, minBackoffDuration: '0.01s', maxBackoffDuration: '0.02s' };
  const scheduler = startScheduler({ jobs: [job(url, { retryConfig })], identityUrl: UNREACHED_IDENTITY });
  t.teardown(() => scheduler.close());
  t.like(await scheduler.runNow('sweep'), { ok: true, status: 200, attempts: 3 });
  t.is(new Set(calls.map((call) => call.headers['x-cloudscheduler-scheduletime'])).size, 1);
});

test('a run that keeps failing says how it ended', async (t) => {
  const { url } = await target(t, 500);
  const retryConfig = { retryCount: 2, minBackoffDuration: '0.01s' };
  const withToken = { uri: url, oidcToken: { serviceAccountEmail: ACCOUNT } };
  const jobs = [
    job(url, { retryConfig }),
    job('http://127.0.0.1:1/', { name: 'unreachable' }),
    job(url, { name: 'nobody', httpTarget: withToken }),
  ];
  const scheduler = startScheduler({ jobs, identityUrl: UNREACHED_IDENTITY });
  t.teardown(() => scheduler.close());
  t.like(await scheduler.runNow('sweep'), { ok: false, status: 500, attempts: 3 });
  t.regex((await scheduler.runNow('unreachable')).error ?? '', /fetch failed/);
  t.regex((await scheduler.runNow('nobody')).error ?? '', /fetch failed/);
  await t.throwsAsync(scheduler.runNow('unknown'), { message: /there is no job unknown/ });
});

test('retries stop where the next scheduled time comes first', async (t) => {
  const { url, calls } = await target(t, 500);
  const clock = manualClock('2026-01-02T10:04:00Z');
  const retryConfig = { retryCount: 5, minBackoffDuration: '200s', maxDoublings: 0 };
  const options = { jobs: [job(url, { retryConfig })], identityUrl: UNREACHED_IDENTITY };
  const scheduler = startScheduler(options, { clock });
  t.teardown(() => scheduler.close());
  await clock.awaited();
  clock.moveTo('2026-01-02T10:05:00Z');
  t.is(await clock.awaited(), '2026-01-02T10:08:20.000Z');
  clock.moveTo('2026-01-02T10:08:20Z');
  t.is(await clock.awaited(), '2026-01-02T10:10:00.000Z');
  t.is(calls.length, 2);
  t.like(scheduler.jobs[0]?.lastRun, { ok: false, attempts: 2 });
});

test('back-off doubles, then grows evenly, then stays', (t) => {
  const rules = { count: 9, maxDurationMs: undefined, minBackoffMs: 10_000, maxBackoffMs: 300_000, maxDoublings: 3 };
  const seconds = [1, 2, 3, 4, 5, 6, 7, 8].map((retry) => backoffMs(rules, retry) / 1000);
  t.deepEqual(seconds, [10, 20, 40, 80, 160, 240, 300, 300]);
});

test('closing breaks off a request under way', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const server = createServer(() => arrived.resolve());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const scheduler = startScheduler({ jobs: [job(uri)], identityUrl: UNREACHED_IDENTITY });
  const run = scheduler.runNow('sweep');
  await arrived.promise;
  await scheduler.close();
  t.like(await run, { ok: false, attempts: 1 });
});

test('a schedule or time zone that is not one is refused with the name of its job', (t) => {
  const start = (more: Partial<JobOptions>) => () =>
    startScheduler({ jobs: [job('http://127.0.0.1:1/', more)], identityUrl: UNREACHED_IDENTITY });
  t.throws(start({ schedule: 'hourly' }), { message: /^job sweep: schedule 'hourly' needs five fields/ });
  t.throws(start({ schedule: '0 0 31 2 *' }), { message: /^job sweep: .* never comes/ });
  t.throws(start({ timeZone: 'Mars/Olympus' }), { message: /^job sweep: .*Mars\/Olympus/ });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { LoadProcess, pause, percentile, rate } from './load.ts';

export interface PubSubBenchOptions {
  /** How long each of the two measurements lasts, warm-up apart. */
  seconds: number;
  /** Payload of a message. */
  bytes?: number;
  /** Pace of the latency measurement. */
  perSecond?: number;
  fsync?: boolean;
}

export interface PubSubFigures {
  /** Received and acknowledged, one publisher and one subscriber process with the official client. */
  messagesPerSecond: number;
  /** Publish call to message event, paced. */
  p50Ms: number;
  p99Ms: number;
  /** Server CPU (user and system) for each message at full load; NaN without /proc. */
  serverCpuMicros: number;
  serverResidentMb: number;
}

/** What the load processes are told; without `perSecond` they go as fast as they can. */
export interface PubSubLoad {
  project: string;
  port: number;
  topic: string;
  subscription: string;
  bytes: number;
  perSecond?: number;
}

const WARM_UP_MS = 3000;
const script = (name: string) => join(import.meta.dirname, name);

/** Measures the local Pub/Sub: server, publisher and subscriber each in a process of its own. */
export async function measurePubSub(options: PubSubBenchOptions): Promise<PubSubFigures> {
  const { bytes = 256, perSecond = 1000, seconds } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-pubsub-'));
  const main = join(import.meta.dirname, '../../emulators/pubsub/main.ts');
  const { process: server, ready } = await LoadProcess.start(main, { port: 0, dataDir, fsync: options.fsync ?? false });
  const load = { project: 'bench', port: Number(ready.port), bytes };
  try {
    const paced = await latency({ ...load, ...(await flow(load.port, 'paced')), perSecond }, seconds);
    const full = await throughput({ ...load, ...(await flow(load.port, 'full')) }, seconds, server);
    return { ...paced, ...full };
  } finally {
    await server.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function flow(port: number, name: string): Promise<{ topic: string; subscription: string }> {
  const client = new PubSub({ projectId: 'bench', apiEndpoint: `127.0.0.1:${port}`, emulatorMode: true });
  const [topic] = await client.createTopic(`topic-${name}`);
  const [subscription] = await topic.createSubscription(`subscription-${name}`);
  await client.close();
  return { topic: topic.name, subscription: subscription.name };
}

async function latency(load: PubSubLoad, seconds: number): Promise<Pick<PubSubFigures, 'p50Ms' | 'p99Ms'>> {
  return withClients(load, async (_publisher, subscriber) => {
    await pause(WARM_UP_MS);
    await subscriber.ask('report');
    await pause(seconds * 1000);
    const sorted = ((await subscriber.ask('report')).latenciesMs ?? []).sort((a, b) => a - b);
    return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
  });
}

async function throughput(
  load: PubSubLoad,
  seconds: number,
  server: LoadProcess,
): Promise<Pick<PubSubFigures, 'messagesPerSecond' | 'serverCpuMicros' | 'serverResidentMb'>> {
  return withClients(load, async (publisher, subscriber) => {
    await pause(WARM_UP_MS);
    const cpuBefore = server.cpuSeconds() ?? Number.NaN;
    const before = await subscriber.ask('report');
    await pause(seconds * 1000);
    const after = await subscriber.ask('report');
    const cpu = (server.cpuSeconds() ?? Number.NaN) - cpuBefore;
    const { count: published } = await publisher.ask('stop');
    let { count: received } = await subscriber.ask('report');
    for (let waited = 0; received < published && waited < 100; waited++) {
      await pause(100);
      received = (await subscriber.ask('report')).count;
    }
    if (received < published) throw new Error(`${published - received} of ${published} messages did not arrive`);
    return {
      messagesPerSecond: rate(before, after),
      serverCpuMicros: (cpu * 1e6) / (after.count - before.count),
      serverResidentMb: server.residentMb() ?? Number.NaN,
    };
  });
}

async function withClients<T>(
  load: PubSubLoad,
  measure: (publisher: LoadProcess, subscriber: LoadProcess) => Promise<T>,
): Promise<T> {
  const { process: subscriber } = await LoadProcess.start(script('pubsub-subscriber.ts'), load);
  const { process: publisher } = await LoadProcess.start(script('pubsub-publisher.ts'), load);
  subscriber.throttles(publisher);
  try {
    return await measure(publisher, subscriber);
  } finally {
    await Promise.all([publisher.end(), subscriber.end()]);
  }
}

if (process.argv[1] === import.meta.filename) {
  const figures = await measurePubSub({
    seconds: Number(process.argv[2] ?? 10),
    fsync: process.argv.includes('--fsync'),
  });
  console.log(JSON.stringify(figures));
}

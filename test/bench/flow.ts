import { join } from 'node:path';
import { LoadProcess, pause, percentile, rate } from './load.ts';

/** What a broker carries between one publisher and one subscriber process. */
export interface FlowFigures {
  /** Received and acknowledged. */
  messagesPerSecond: number;
  /** Publish call to receipt, paced. */
  p50Ms: number;
  p99Ms: number;
}

/** Load scripts in this folder. */
interface FlowScripts {
  publisher: string;
  subscriber: string;
}

const WARM_UP_MS = 3000;
const MAX_DRAIN_MS = 10_000;

/** Measures latency under the paced load, then throughput under the full one, `seconds` each after a warm-up. */
export async function measureFlow(
  scripts: FlowScripts,
  seconds: number,
  paced: object,
  full: object,
  onWindow: (edge: 'start' | 'end', received: number) => void = () => undefined,
): Promise<FlowFigures> {
  const latencies = await withClients(scripts, paced, (_publisher, subscriber) => latency(subscriber, seconds));
  const messagesPerSecond = await withClients(scripts, full, (publisher, subscriber) =>
    throughput(publisher, subscriber, seconds, onWindow),
  );
  return { ...latencies, messagesPerSecond };
}

async function latency(subscriber: LoadProcess, seconds: number): Promise<{ p50Ms: number; p99Ms: number }> {
  await pause(WARM_UP_MS);
  await subscriber.ask('report');
  await pause(seconds * 1000);
  const sorted = ((await subscriber.ask('report')).latenciesMs ?? []).sort((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

async function throughput(
  publisher: LoadProcess,
  subscriber: LoadProcess,
  seconds: number,
  onWindow: (edge: 'start' | 'end', received: number) => void,
): Promise<number> {
  await pause(WARM_UP_MS);
  const before = await subscriber.ask('report');
  onWindow('start', before.count);
  await pause(seconds * 1000);
  const after = await subscriber.ask('report');
  onWindow('end', after.count);
  await drain(publisher, subscriber);
  return rate(before, after);
}

/** Throws where a message that was published does not arrive. */
async function drain(publisher: LoadProcess, subscriber: LoadProcess): Promise<void> {
  const { count: published } = await publisher.ask('stop');
  const waitUntil = performance.now() + MAX_DRAIN_MS;
  for (;;) {
    const { count: received } = await subscriber.ask('report');
    if (received >= published) return;
    if (performance.now() > waitUntil)
      throw new Error(`${published - received} of ${published} messages did not arrive`);
    await pause(50);
  }
}

async function withClients<T>(
  scripts: FlowScripts,
  load: object,
  measure: (publisher: LoadProcess, subscriber: LoadProcess) => Promise<T>,
): Promise<T> {
  const { process: subscriber } = await LoadProcess.start(join(import.meta.dirname, scripts.subscriber), load);
  const { process: publisher } = await LoadProcess.start(join(import.meta.dirname, scripts.publisher), load);
  subscriber.throttles(publisher);
  try {
    return await measure(publisher, subscriber);
  } finally {
    await Promise.all([publisher.end(), subscriber.end()]);
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { type FlowFigures, measureFlow } from './flow.ts';
import { LoadProcess } from './load.ts';

interface PubSubBenchOptions {
  /** How long each of the two measurements lasts, warm-up apart. */
  seconds: number;
  /** Payload of a message. */
  bytes?: number;
  /** Pace of the latency measurement. */
  perSecond?: number;
  /** Durability against power failure; without it, against a kill -9. */
  fsync?: boolean;
}

interface PubSubFigures extends FlowFigures {
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

/** Measures the local Pub/Sub: server, publisher and subscriber each in a process of its own, the official client. */
export async function measurePubSub(options: PubSubBenchOptions): Promise<PubSubFigures> {
  process.env.METADATA_SERVER_DETECTION = 'none';
  const { bytes = 256, perSecond = 1000, seconds } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-pubsub-'));
  const main = join(import.meta.dirname, '../../emulators/pubsub/main.ts');
  const { process: server, ready } = await LoadProcess.start(main, { port: 0, dataDir, fsync: options.fsync ?? false });
  const cost = serverCost(server);
  try {
    const load = { project: 'bench', port: Number(ready.port), bytes };
    const paced = { ...load, ...(await createFlow(load.port, 'paced')), perSecond };
    const full = { ...load, ...(await createFlow(load.port, 'full')) };
    const scripts = { publisher: 'pubsub-publisher.ts', subscriber: 'pubsub-subscriber.ts' };
    const figures = await measureFlow(scripts, seconds, paced, full, cost.onWindow);
    return {
      ...figures,
      serverCpuMicros: cost.microsPerMessage(),
      serverResidentMb: server.residentMb() ?? Number.NaN,
    };
  } finally {
    await server.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function createFlow(port: number, name: string): Promise<{ topic: string; subscription: string }> {
  const client = new PubSub({ projectId: 'bench', apiEndpoint: `127.0.0.1:${port}`, emulatorMode: true });
  const [topic] = await client.createTopic(`topic-${name}`);
  const [subscription] = await topic.createSubscription(`subscription-${name}`);
  await client.close();
  return { topic: topic.name, subscription: subscription.name };
}

function serverCost(server: LoadProcess) {
  const seen = { start: { cpu: 0, received: 0 }, end: { cpu: Number.NaN, received: 0 } };
  return {
    onWindow: (edge: 'start' | 'end', received: number) => {
      seen[edge] = { cpu: server.cpuSeconds() ?? Number.NaN, received };
    },
    microsPerMessage: () => ((seen.end.cpu - seen.start.cpu) * 1e6) / (seen.end.received - seen.start.received),
  };
}

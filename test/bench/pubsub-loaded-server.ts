import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { LoadProcess } from './load.ts';
import type { PubSubServerLoad } from './pubsub-server-load.ts';

type Load = Pick<PubSubServerLoad, 'bytes' | 'messagesPerRequest' | 'window' | 'acknowledges'>;

/** Calls `measure` while a lean generator, a process of its own, loads a local Pub/Sub that is one as well. */
export async function withLoadedServer<T>(
  load: Load,
  measure: (server: LoadProcess, generator: LoadProcess) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-pubsub-server-'));
  const main = join(import.meta.dirname, '../../emulators/pubsub/main.ts');
  const { process: server, ready } = await LoadProcess.start(main, { port: 0, dataDir });
  try {
    const port = Number(ready.port);
    const told: PubSubServerLoad = { ...load, port, ...(await createFlow(port)) };
    const script = join(import.meta.dirname, 'pubsub-server-load.ts');
    const { process: generator } = await LoadProcess.start(script, told);
    try {
      return await measure(server, generator);
    } finally {
      await generator.end();
    }
  } finally {
    await server.end();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function createFlow(port: number): Promise<{ topic: string; subscription: string }> {
  process.env.METADATA_SERVER_DETECTION = 'none';
  const client = new PubSub({ projectId: 'bench', apiEndpoint: `127.0.0.1:${port}`, emulatorMode: true });
  const [topic] = await client.createTopic('topic');
  const [subscription] = await topic.createSubscription('subscription');
  await client.close();
  return { topic: topic.name, subscription: subscription.name };
}

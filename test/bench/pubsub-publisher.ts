import { PubSub } from '@google-cloud/pubsub';
import { flood, paced, serveLoad, stamp } from './load-worker.ts';
import type { PubSubLoad } from './pubsub.ts';

process.env.METADATA_SERVER_DETECTION = 'none';
const load: PubSubLoad = JSON.parse(process.argv[2] ?? '{}');
const client = new PubSub({ projectId: load.project, apiEndpoint: `127.0.0.1:${load.port}`, emulatorMode: true });
const topic = client.topic(load.topic, {
  batching: load.perSecond === undefined ? { maxMessages: 500, maxMilliseconds: 5 } : { maxMessages: 1 },
});
let started = 0;
let published = 0;

function publish(): void {
  started++;
  topic.publishMessage({ data: stamp(Buffer.allocUnsafe(load.bytes)) }, (error) => {
    if (error) throw error;
    published++;
  });
}

const source = load.perSecond === undefined ? flood(() => started, publish) : paced(load.perSecond, publish);
serveLoad({
  report: () => ({ count: published }),
  stop: async () => {
    source.end();
    while (published < started) await new Promise((resolve) => setTimeout(resolve, 10));
  },
  onProgress: source.onProgress,
});

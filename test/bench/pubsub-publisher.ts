import { PubSub } from '@google-cloud/pubsub';
import { servePublisher, stamp } from './load-worker.ts';
import type { PubSubLoad } from './pubsub.ts';

process.env.METADATA_SERVER_DETECTION = 'none';
const load: PubSubLoad = JSON.parse(process.argv[2] ?? '{}');
const client = new PubSub({ projectId: load.project, apiEndpoint: `127.0.0.1:${load.port}`, emulatorMode: true });
const topic = client.topic(load.topic, {
  batching: load.perSecond === undefined ? { maxMessages: 500, maxMilliseconds: 5 } : { maxMessages: 1 },
});
servePublisher(load.perSecond, () => topic.publishMessage({ data: stamp(Buffer.allocUnsafe(load.bytes)) }));

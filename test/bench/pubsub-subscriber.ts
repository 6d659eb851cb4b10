import { type Message, PubSub } from '@google-cloud/pubsub';
import { serveSubscriber } from './load-worker.ts';
import type { PubSubLoad } from './pubsub.ts';

process.env.METADATA_SERVER_DETECTION = 'none';
const load: PubSubLoad = JSON.parse(process.argv[2] ?? '{}');
const client = new PubSub({ projectId: load.project, apiEndpoint: `127.0.0.1:${load.port}`, emulatorMode: true });
const subscription = client.subscription(load.subscription, { flowControl: { maxMessages: 10_000 } });
const take = serveSubscriber(load.perSecond !== undefined);

subscription.on('message', (message: Message) => {
  take(message.data);
  message.ack();
});
subscription.on('error', (error) => {
  throw error;
});

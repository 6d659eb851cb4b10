import { type Message, PubSub } from '@google-cloud/pubsub';
import { ageMs, serveLoad, tellProgress } from './load-worker.ts';
import type { PubSubLoad } from './pubsub.ts';

process.env.METADATA_SERVER_DETECTION = 'none';
const load: PubSubLoad = JSON.parse(process.argv[2] ?? '{}');
const client = new PubSub({ projectId: load.project, apiEndpoint: `127.0.0.1:${load.port}`, emulatorMode: true });
const subscription = client.subscription(load.subscription, { flowControl: { maxMessages: 10_000 } });
let received = 0;
let latenciesMs: number[] = [];

subscription.on('message', (message: Message) => {
  received++;
  if (load.perSecond !== undefined) latenciesMs.push(ageMs(message.data));
  message.ack();
});
subscription.on('error', (error) => {
  throw error;
});

serveLoad({
  report: () => {
    const report = { count: received, latenciesMs };
    latenciesMs = [];
    return report;
  },
});
tellProgress(() => received);

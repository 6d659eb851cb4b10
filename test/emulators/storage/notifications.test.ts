import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Message, PubSub } from '@google-cloud/pubsub';
import test, { type ExecutionContext } from 'ava';
import { startPubSub } from '../../../emulators/pubsub/server.ts';
import { localStorage } from './local-storage.ts';

/** A Cloud Storage that publishes to a Pub/Sub of this test's own, and what a subscription to its topic gets. */
async function withTopic(t: ExecutionContext) {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-notified-'));
  const server = await startPubSub({ port: 0, dataDir });
  const pubsub = new PubSub({ projectId: 'rules', apiEndpoint: `127.0.0.1:${server.port}`, emulatorMode: true });
  const [topic] = await pubsub.createTopic('changes');
  const [subscription] = await topic.createSubscription('seen');
  const messages: Message[] = [];
  subscription.on('message', (message: Message) => {
    messages.push(message);
    message.ack();
  });
  t.teardown(async () => {
    await subscription.close();
    await pubsub.close();
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const local = await localStorage(t, { pubsubHost: `127.0.0.1:${server.port}` });
  const received = async (count: number) => {
    while (messages.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return messages.toSorted((left, right) => order(left) - order(right));
  };
  return { ...local, topic, received };
}

const EVENTS = ['OBJECT_FINALIZE', 'OBJECT_METADATA_UPDATE', 'OBJECT_ARCHIVE', 'OBJECT_DELETE'];
const order = ({ attributes }: Message): number => EVENTS.indexOf(attributes.eventType ?? '');

test('a new object is told with its attributes and its resource', async (t) => {
  const { bucket, topic, received } = await withTopic(t);
  const inside = await bucket();
  await inside.createNotification(topic.name, { customAttributes: { desk: 'grain' } });
  const file = inside.file('lot/7');
  await file.save('bytes', { resumable: false });
  const [message] = await received(1);
  t.like(message?.attributes, {
    eventType: 'OBJECT_FINALIZE',
    bucketId: inside.name,
    objectId: 'lot/7',
    objectGeneration: String(file.metadata.generation),
    payloadFormat: 'JSON_API_V1',
    desk: 'grain',
  });
  t.like(JSON.parse(String(message?.data)), { kind: 'storage#object', name: 'lot/7', size: '5' });
});

test('changes, archiving and deletion are told apart', async (t) => {
  const { bucket, topic, received } = await withTopic(t);
  const inside = await bucket({ versioning: { enabled: true } });
  await inside.createNotification(topic.name, { eventTypes: EVENTS.slice(1) });
  const file = inside.file('lived');
  await file.save('bytes', { resumable: false });
  const generation = Number(file.metadata.generation);
  await file.setMetadata({ metadata: { a: 'b' } });
  await file.delete();
  await inside.file('lived', { generation }).delete();
  const told = await received(3);
  t.deepEqual(
    told.map(({ attributes }) => attributes.eventType),
    EVENTS.slice(1),
  );
});

test('an overwrite names the generations on both sides', async (t) => {
  const { bucket, topic, received } = await withTopic(t);
  const inside = await bucket();
  const file = inside.file('twice');
  await file.save('old', { resumable: false });
  const old = String(file.metadata.generation);
  await inside.createNotification(topic.name);
  await file.save('new', { resumable: false });
  const [finalized, deleted] = await received(2);
  t.is(finalized?.attributes.overwroteGeneration, old);
  t.is(deleted?.attributes.overwrittenByGeneration, String(file.metadata.generation));
});

test('a configuration with a prefix tells of what begins with it', async (t) => {
  const { bucket, topic, received } = await withTopic(t);
  const inside = await bucket();
  await inside.createNotification(topic.name, { objectNamePrefix: 'in/', payloadFormat: 'NONE' });
  await inside.file('out/1').save('x', { resumable: false });
  await inside.file('in/1').save('x', { resumable: false });
  const told = await received(1);
  t.deepEqual(
    told.map(({ attributes }) => attributes.objectId),
    ['in/1'],
  );
  t.is(told[0]?.data.length, 0);
});

test('notifications wait for a Pub/Sub that is not there yet, across a restart', async (t) => {
  const published: string[] = [];
  const pubsub = createServer((request, response) => {
    published.push(request.url ?? '');
    request.resume();
    response.end('{}');
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-waiting-'));
  const first = await localStorage(t, { dataDir });
  const inside = await first.bucket();
  await inside.createNotification('projects/rules/topics/later');
  await inside.file('x').save('x', { resumable: false });
  await first.server.close();
  pubsub.listen(0, '127.0.0.1');
  await once(pubsub, 'listening');
  t.teardown(() => pubsub.close());
  const address = pubsub.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await localStorage(t, { dataDir, pubsubHost: `127.0.0.1:${port}` });
  while (published.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  t.deepEqual(published, ['/v1/projects/rules/topics/later:publish']);
});

import { Encodings, type Message, SchemaTypes, type Subscription } from '@google-cloud/pubsub';
import type { ServiceError } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import * as z from 'zod';
import { protoSchema } from '../../contracts/documents/proto.ts';
import { fromAttributes } from '../../contracts/kit/envelope.ts';
import { type Event, type EventData, event } from '../../contracts/kit/event.ts';
import { priceUpdate } from '../../contracts/market/events.ts';
import { createPublisher } from '../../contracts/publisher.ts';
import { type Local, local, receive } from '../emulators/pubsub/support.ts';

const TENANT = '0b7f9a56-4f3e-4c55-9a39-3ad5a9d1c9b2';
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const lotWeighed = event({
  type: 'logistics.lot.weighed',
  version: 1,
  scope: 'tenant',
  orderBy: 'lotId',
  summary: 'A lot has been weighed',
  data: z.object({ lotId: z.string(), weightKg: z.string() }),
});

type Prices = EventData<typeof priceUpdate>;

function prices(sequence: number): Prices {
  const at = new Date(Date.UTC(2020, 3, 20, 0, 0, sequence)).toISOString();
  return { instrument: 'CL', feed: 'eia', ticks: [{ price: '-36.98', at, sequence }] };
}

/** The event's topic as infra/ makes it, with its schema enforced, and a subscription in order. */
async function topicFor(t: ExecutionContext, contract: Event): Promise<Local & { subscription: Subscription }> {
  const { client, server } = await local(t);
  const schema = await client.createSchema(contract.topic, SchemaTypes.ProtocolBuffer, protoSchema(contract));
  const schemaSettings = { schema: (await schema.getName()) ?? '', encoding: Encodings.Json };
  const [topic] = await client.createTopic({ name: contract.topic, schemaSettings });
  const [subscription] = await topic.createSubscription('reader', { enableMessageOrdering: true });
  return { client, server, subscription };
}

test('an event arrives with its envelope, its ordering key and its payload', async (t) => {
  const { client, subscription } = await topicFor(t, priceUpdate);
  const publisher = createPublisher(client, '/feeds/eia');
  const at = new Date('2020-04-20T18:30:00.000Z');
  t.truthy(await publisher.publish(priceUpdate, prices(1), { id: 'eia-1', at, traceparent: TRACEPARENT }));
  const [message] = (await receive(subscription, 1)) as [Message];
  t.like(fromAttributes(message.attributes), {
    id: 'eia-1',
    type: 'market.price.update',
    source: '/feeds/eia',
    time: at.toISOString(),
    tenant: undefined,
    traceparent: TRACEPARENT,
  });
  t.is(message.orderingKey, 'CL');
  t.deepEqual(JSON.parse(message.data.toString()), prices(1));
});

test('events of one key arrive in the order in which they were published', async (t) => {
  const { client, subscription } = await topicFor(t, priceUpdate);
  const publisher = createPublisher(client, '/feeds/eia');
  const sequences = Array.from({ length: 50 }, (_, place) => place);
  const [messages] = await Promise.all([
    receive(subscription, sequences.length),
    ...sequences.map((sequence) => publisher.publish(priceUpdate, prices(sequence))),
  ]);
  const arrived = messages.map(({ data }) => priceUpdate.data.parse(JSON.parse(data.toString())).ticks[0]?.sequence);
  t.deepEqual(arrived, sequences);
});

test('data that does not fit the contract never leaves, with the field named', async (t) => {
  const { client, server } = await topicFor(t, priceUpdate);
  const publisher = createPublisher(client, '/feeds/eia');
  const bad = { ...prices(1), ticks: [{ price: '36,98', at: '2020-04-20T00:00:00.000Z', sequence: 1 }] };
  const error = await t.throwsAsync(publisher.publish(priceUpdate, bad), { instanceOf: z.ZodError });
  t.deepEqual(error?.issues[0]?.path, ['ticks', 0, 'price']);
  t.is(server.methods.backlog().unacked, 0);
});

test('a field that the contract does not have is refused by the topic, and the key goes on after it', async (t) => {
  const { client, subscription } = await topicFor(t, priceUpdate);
  const publisher = createPublisher(client, '/feeds/eia');
  const misspelt = { ...prices(1), venu: 'NYMEX' };
  const refusal = await t.throwsAsync<ServiceError>(publisher.publish(priceUpdate, misspelt), {
    message: /3 INVALID_ARGUMENT: Invalid data in message/,
  });
  // As in the cloud, which field it is stands in the details.
  t.regex(String(refusal?.metadata.get('grpc-status-details-bin')[0]), /venu/);
  await publisher.publish(priceUpdate, prices(2));
  const [message] = await receive(subscription, 1);
  t.is(JSON.parse(message?.data.toString() ?? '').ticks[0].sequence, 2);
});

test('from outside only ingress events are published, and no tenant is named', async (t) => {
  const { client } = await topicFor(t, lotWeighed);
  const outside = createPublisher(client, '/scales/1');
  const data = { lotId: 'L1', weightKg: '217.5' };
  await t.throwsAsync(outside.publish(lotWeighed, data), { instanceOf: TypeError, message: /never from outside/ });
  await t.throwsAsync(outside.publish(priceUpdate, prices(1), { tenant: TENANT }), { message: /the topic says/ });
});

test('a publisher of the platform names the tenant, which is part of the ordering key', async (t) => {
  const { client, subscription } = await topicFor(t, lotWeighed);
  const inside = createPublisher(client, '/tests', { internal: true });
  const data = { lotId: 'L1', weightKg: '217.5' };
  await t.throwsAsync(inside.publish(lotWeighed, data), { message: /belongs to a tenant: name it/ });
  await inside.publish(lotWeighed, data, { tenant: TENANT });
  const [message] = await receive(subscription, 1);
  t.is(message?.orderingKey, `${TENANT}:L1`);
  t.is(message?.attributes['ce-tenant'], TENANT);
});

test('a publisher that opened its client closes it, after what was waiting has been sent', async (t) => {
  const { server, subscription, client } = await topicFor(t, priceUpdate);
  const options = { projectId: client.projectId, apiEndpoint: `127.0.0.1:${server.port}`, emulatorMode: true };
  const publisher = createPublisher(options, '/feeds/eia', { maxBatchDelayMs: 5_000 });
  const published = publisher.publish(priceUpdate, prices(1));
  await publisher.close();
  t.truthy(await published);
  t.is((await receive(subscription, 1)).length, 1);
});

test('the compiler knows what an event carries', async (t) => {
  const { client } = await local(t);
  const publisher = createPublisher(client, '/feeds/eia');
  // @ts-expect-error a tick needs its sequence
  const incomplete = publisher.publish(priceUpdate, { instrument: 'CL', feed: 'eia', ticks: [{ price: '1', at: '' }] });
  await t.throwsAsync(incomplete, { instanceOf: z.ZodError });
});

import { Encodings, SchemaTypes } from '@google-cloud/pubsub';
import test from 'ava';
import { local, receive } from './support.ts';

const PRICE = `syntax = "proto3";
message Price {
  string instrument = 1;
  double price = 2;
  int64 volume = 3;
  repeated string tags = 4;
  Session session = 5;
  enum Session { CLOSED = 0; OPEN = 1; }
  map<string, int32> depth = 6;
  Source source_feed = 7;
  message Source { string name = 1; }
}`;

test('a schema is created, read in both views, listed and deleted', async (t) => {
  const { client } = await local(t);
  const schema = await client.createSchema('price', SchemaTypes.ProtocolBuffer, PRICE);
  const full = await schema.get('FULL');
  t.is(full.definition, PRICE);
  t.is((await schema.get('BASIC')).definition, '');
  const listed: string[] = [];
  for await (const found of client.listSchemas('BASIC')) listed.push(found.name ?? '');
  t.deepEqual(listed, [full.name ?? '']);
  await schema.delete();
  await t.throwsAsync(schema.get('FULL'), { message: /5 NOT_FOUND/ });
});

test('a definition that does not hold is refused', async (t) => {
  const { client } = await local(t);
  const type = SchemaTypes.ProtocolBuffer;
  await t.throwsAsync(client.validateSchema({ type, definition: 'message {' }), { message: /3 INVALID_ARGUMENT/ });
  await t.throwsAsync(client.validateSchema({ type, definition: 'syntax = "proto3"; message A {} message B {}' }), {
    message: /3 INVALID_ARGUMENT/,
  });
  await t.throwsAsync(client.validateSchema({ type: SchemaTypes.Avro, definition: '{}' }), {
    message: /3 INVALID_ARGUMENT/,
  });
  await t.notThrowsAsync(client.validateSchema({ type, definition: PRICE }));
});

test('wrong types and unknown fields are refused at publish, and what fits is delivered with its revision', async (t) => {
  const { client } = await local(t);
  const schema = await client.createSchema('price', SchemaTypes.ProtocolBuffer, PRICE);
  const schemaName = (await schema.getName()) ?? '';
  const [topic] = await client.createTopic({
    name: 'prices',
    schemaSettings: { schema: schemaName, encoding: Encodings.Json },
  });
  const [subscription] = await topic.createSubscription('bars');
  const refused = { message: /3 INVALID_ARGUMENT/ };
  for (const bad of [
    'not json',
    '[]',
    '{"instrument": 7}',
    '{"price": "abc"}',
    '{"price": true}',
    '{"volume": 1.5}',
    '{"volume": "9223372036854775808"}',
    '{"tags": "x"}',
    '{"tags": [1]}',
    '{"session": "LUNCH"}',
    '{"depth": {"a": "x"}}',
    '{"sourceFeed": {"unknown": 1}}',
    '{"unknown": 1}',
    '{"source_feed": {}, "sourceFeed": {}}',
  ])
    await t.throwsAsync(topic.publishMessage({ data: Buffer.from(bad) }), refused, bad);
  const good = [
    '{}',
    '{"instrument":"CL","price":-36.98,"volume":"12","tags":["a"],"session":"OPEN","depth":{"bid":1},"sourceFeed":{"name":"eia"}}',
    '{"source_feed":{"name":"eia"},"session":1,"price":"NaN","instrument":null}',
  ];
  for (const json of good) await t.notThrowsAsync(topic.publishMessage({ data: Buffer.from(json) }), json);
  const messages = await receive(subscription, good.length);
  t.like(messages[0]?.attributes, { googclient_schemaencoding: 'JSON', googclient_schemaname: schemaName });
});

test('a message that fits any permitted revision passes', async (t) => {
  const { client, server } = await local(t);
  const schema = await client.createSchema(
    'price',
    SchemaTypes.ProtocolBuffer,
    'syntax = "proto3"; message P { string a = 1; }',
  );
  const name = (await schema.getName()) ?? '';
  const [topic] = await client.createTopic({
    name: 'prices',
    schemaSettings: { schema: name, encoding: Encodings.Json },
  });
  await t.throwsAsync(topic.publishMessage({ data: Buffer.from('{"b":"x"}') }), { message: /INVALID_ARGUMENT/ });
  const service = await client.getSchemaClient();
  const definition = 'syntax = "proto3"; message P { string a = 1; string b = 2; }';
  const [revision] = await service.commitSchema({ name, schema: { name, type: 'PROTOCOL_BUFFER', definition } });
  t.regex(revision.revisionId ?? '', /^[0-9a-f]{8}$/);
  await t.notThrowsAsync(topic.publishMessage({ data: Buffer.from('{"b":"x"}') }));
  const [revisions] = await service.listSchemaRevisions({ name });
  t.is(revisions.length, 2);
  const [back] = await service.rollbackSchema({ name, revisionId: revisions[1]?.revisionId ?? '' });
  t.not(back.revisionId, revision.revisionId);
  t.is(server.methods.backlog().unacked, 0);
});

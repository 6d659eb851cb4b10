import { Encodings, type PubSub, SchemaTypes, type Topic } from '@google-cloud/pubsub';
import test from 'ava';
import protobuf from 'protobufjs';
import { local, PROJECT } from './support.ts';

const proto = (...fields: string[]) =>
  `syntax = "proto3"; message P { ${fields.map((field, index) => `string ${field} = ${index + 1};`).join(' ')} }`;

const REFUSED = { code: 3 as never };
const NAME = `projects/${PROJECT}/schemas/price`;

/** A schema with one revision for each list of fields; their ids, oldest first. */
async function revisions(client: PubSub, ...definitions: string[][]): Promise<string[]> {
  const service = await client.getSchemaClient();
  const ids: string[] = [];
  for (const [index, fields] of definitions.entries()) {
    const schema = { name: NAME, type: 'PROTOCOL_BUFFER' as const, definition: proto(...fields) };
    const parent = `projects/${PROJECT}`;
    const [made] =
      index === 0
        ? await service.createSchema({ parent, schemaId: 'price', schema })
        : await service.commitSchema({ name: NAME, schema });
    ids.push(made.revisionId ?? '');
  }
  return ids;
}

async function topicOf(client: PubSub, range: { firstRevisionId?: string; lastRevisionId?: string }): Promise<Topic> {
  const [topic] = await client.createTopic({
    name: 'prices',
    schemaSettings: { schema: NAME, encoding: Encodings.Json, ...range },
  });
  return topic;
}

const publish = (topic: Topic, json: object) => topic.publishMessage({ data: Buffer.from(JSON.stringify(json)) });

test('only revisions from the first to the last that the topic names count', async (t) => {
  const { client } = await local(t);
  const [, second = '', third = ''] = await revisions(client, ['a'], ['b'], ['c'], ['d']);
  const topic = await topicOf(client, { firstRevisionId: second, lastRevisionId: third });
  await t.throwsAsync(publish(topic, { a: 'x' }), REFUSED);
  await t.notThrowsAsync(publish(topic, { b: 'x' }));
  await t.notThrowsAsync(publish(topic, { c: 'x' }));
  await t.throwsAsync(publish(topic, { d: 'x' }), REFUSED);
});

test('a topic without a range takes every revision, those to come as well', async (t) => {
  const { client } = await local(t);
  await revisions(client, ['a']);
  const topic = await topicOf(client, {});
  await t.throwsAsync(publish(topic, { e: 'x' }), REFUSED);
  const service = await client.getSchemaClient();
  const schema = { name: NAME, type: 'PROTOCOL_BUFFER' as const, definition: proto('e') };
  await service.commitSchema({ name: NAME, schema });
  await t.notThrowsAsync(publish(topic, { e: 'x' }));
  await t.notThrowsAsync(publish(topic, { a: 'x' }));
});

test('revisions are listed newest first, read by their id, and the name alone means the newest', async (t) => {
  const { client } = await local(t);
  const ids = await revisions(client, ['a'], ['b'], ['c']);
  const service = await client.getSchemaClient();
  const [listed] = await service.listSchemaRevisions({ name: NAME, view: 'FULL', pageSize: 2 });
  t.deepEqual(
    listed.map(({ revisionId }) => revisionId),
    ids.toReversed(),
  );
  const [first] = await service.getSchema({ name: `${NAME}@${ids[0]}`, view: 'FULL' });
  t.is(first.definition, proto('a'));
  const [newest] = await service.getSchema({ name: NAME, view: 'FULL' });
  t.is(newest.definition, proto('c'));
});

test('a rollback is a new revision with the old definition', async (t) => {
  const { client } = await local(t);
  const [first = ''] = await revisions(client, ['a'], ['b']);
  const service = await client.getSchemaClient();
  const [back] = await service.rollbackSchema({ name: NAME, revisionId: first });
  t.is(back.definition, proto('a'));
  t.not(back.revisionId, first);
  await t.throwsAsync(service.rollbackSchema({ name: NAME, revisionId: 'ffffffff' }), { code: 5 as never });
  await t.throwsAsync(service.rollbackSchema({ name: NAME, revisionId: '' }), REFUSED);
});

test('a revision is deleted by its full name, the last one never', async (t) => {
  const { client } = await local(t);
  const [first = '', second = ''] = await revisions(client, ['a'], ['b']);
  const service = await client.getSchemaClient();
  await t.throwsAsync(service.deleteSchemaRevision({ name: NAME }), REFUSED);
  await service.deleteSchemaRevision({ name: `${NAME}@${second}` });
  await t.throwsAsync(service.getSchema({ name: `${NAME}@${second}` }), { code: 5 as never });
  await t.throwsAsync(service.deleteSchemaRevision({ name: `${NAME}@${first}` }), REFUSED);
});

test('a revision is of the type that its schema has', async (t) => {
  const { client } = await local(t);
  await revisions(client, ['a']);
  const service = await client.getSchemaClient();
  const schema = { name: NAME, type: 'AVRO' as const, definition: '"string"' };
  await t.throwsAsync(service.commitSchema({ name: NAME, schema }), REFUSED);
});

test('a topic outlives its schema, says so, and takes nothing more', async (t) => {
  const { client } = await local(t);
  await revisions(client, ['a']);
  const topic = await topicOf(client, {});
  await client.schema('price').delete();
  const [metadata] = await topic.getMetadata();
  t.is(metadata.schemaSettings?.schema, '_deleted-schema_');
  await t.throwsAsync(publish(topic, { a: 'x' }));
  await t.notThrowsAsync(topic.setMetadata({ labels: { desk: 'oil' } }));
});

test('a message is validated against a schema by its name, or one that is given along', async (t) => {
  const { client } = await local(t);
  await revisions(client, ['a']);
  const schema = client.schema('price');
  await t.notThrowsAsync(schema.validateMessage(Buffer.from('{"a": "x"}') as never, Encodings.Json));
  await t.throwsAsync(schema.validateMessage(Buffer.from('{"b": "x"}') as never, Encodings.Json), REFUSED);
  const service = await client.getSchemaClient();
  const request = { parent: `projects/${PROJECT}`, encoding: 'JSON' as const };
  const inline = { type: 'AVRO' as const, definition: '"string"' };
  await t.notThrowsAsync(service.validateMessage({ ...request, schema: inline, message: Buffer.from('"text"') }));
  await t.throwsAsync(service.validateMessage({ ...request, schema: inline, message: Buffer.from('7') }), REFUSED);
  await t.throwsAsync(
    service.validateMessage({ ...request, name: NAME, encoding: 0, message: Buffer.from('{}') }),
    REFUSED,
  );
});

test('binary protocol buffers pass, bytes that are none do not', async (t) => {
  const { client } = await local(t);
  const definition = 'syntax = "proto3"; message P { string a = 1; repeated int64 b = 2; }';
  const schema = await client.createSchema('price', SchemaTypes.ProtocolBuffer, definition);
  const type = protobuf.parse(definition).root.lookupType('P');
  const bytes = Buffer.from(type.encode({ a: 'x', b: [1, 2] }).finish());
  await t.notThrowsAsync(schema.validateMessage(bytes as never, Encodings.Binary));
  await t.throwsAsync(schema.validateMessage(bytes.subarray(0, -1) as never, Encodings.Binary), REFUSED);
  await t.throwsAsync(schema.validateMessage(Buffer.from('not a message at all') as never, Encodings.Binary), REFUSED);
});

test('a schema has at most 20 revisions, and a definition at most 300 KB', async (t) => {
  const { client } = await local(t);
  await revisions(client, ...Array.from({ length: 20 }, (_, index) => [`f${index}`]));
  await t.throwsAsync(revisions(client, ['a']), { code: 6 as never });
  const service = await client.getSchemaClient();
  const schema = { name: NAME, type: 'PROTOCOL_BUFFER' as const, definition: proto('late') };
  await t.throwsAsync(service.commitSchema({ name: NAME, schema }), { code: 9 as never });
  const definition = `${proto('a')} // ${'x'.repeat(300_000)}`;
  await t.throwsAsync(client.createSchema('long', SchemaTypes.ProtocolBuffer, definition), REFUSED);
});

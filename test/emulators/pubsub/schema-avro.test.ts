import { Encodings, type Message, SchemaTypes } from '@google-cloud/pubsub';
import type { ServiceError } from '@grpc/grpc-js';
import test from 'ava';
import avsc from 'avsc';
import { avroSchema } from '../../../emulators/pubsub/schema-avro.ts';
import { local, receive } from './support.ts';

const PRICE = {
  type: 'record',
  name: 'Price',
  namespace: 'millrace',
  fields: [
    { name: 'instrument', type: 'string' },
    { name: 'price', type: 'double' },
    { name: 'volume', type: 'long', default: 0 },
    { name: 'session', type: { type: 'enum', name: 'Session', symbols: ['CLOSED', 'OPEN'] } },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'depth', type: { type: 'map', values: 'int' } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 2 } },
    { name: 'parent', type: ['null', 'Price'], default: null },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'raw', type: 'bytes' },
  ],
} as const;

const GOOD = {
  instrument: 'CL',
  price: -36.98,
  volume: 12,
  session: 'OPEN',
  note: null,
  depth: { bid: 1 },
  tags: ['a'],
  hash: '\u0001\u00ff',
  parent: null,
  day: 18372,
  raw: '',
};

const schema = avroSchema(JSON.stringify(PRICE));
const problem = (value: unknown) => schema.problemWith(Buffer.from(JSON.stringify(value)), 'JSON');

test('a value in Avro JSON passes, with unions that name their branch', (t) => {
  t.is(problem(GOOD), undefined);
  t.is(problem({ ...GOOD, note: { string: 'negative!' }, parent: { 'millrace.Price': GOOD } }), undefined);
});

for (const [name, value, path] of [
  ['a union without its branch', { note: 'text' }, 'note'],
  ['a branch that the union has not', { note: { int: 1 } }, 'note'],
  ['a wrong type', { price: '71' }, 'price'],
  ['a fraction as a long', { volume: 1.5 }, 'volume'],
  ['a symbol that the enum has not', { session: 'LUNCH' }, 'session'],
  ['a wrong value in a map', { depth: { bid: 'x' } }, 'depth.bid'],
  ['a wrong item', { tags: ['a', 1] }, 'tags[1]'],
  ['a fixed of another length', { hash: 'x' }, 'hash'],
  ['bytes past U+00FF', { raw: '\u0100' }, 'raw'],
  ['an int past 32 bits', { day: 2 ** 31 }, 'day'],
  ['a field that the record has not', { colour: 1 }, 'colour'],
  [
    'a wrong field further down',
    { parent: { 'millrace.Price': { ...GOOD, price: null } } },
    'parent.millrace.Price.price',
  ],
] as const)
  test(`${name} is refused where it is`, (t) => {
    t.true(problem({ ...GOOD, ...value })?.startsWith(`${path} `), problem({ ...GOOD, ...value }));
  });

test('every field must be there, since a default is for readers', (t) => {
  const { volume: _, ...rest } = GOOD;
  t.is(problem(rest), 'volume is missing');
});

test('whatever a writer of the schema writes passes in both encodings, and nothing shorter or longer does', (t) => {
  const type = avsc.Type.forSchema(PRICE as unknown as avsc.Schema, { wrapUnions: true });
  for (let run = 0; run < 200; run++) {
    const value = type.random();
    const bytes = type.toBuffer(value);
    t.is(schema.problemWith(bytes, 'BINARY'), undefined);
    t.is(schema.problemWith(Buffer.from(type.toString(value)), 'JSON'), undefined, type.toString(value));
    t.not(schema.problemWith(bytes.subarray(0, -1), 'BINARY'), undefined);
    t.not(schema.problemWith(Buffer.concat([bytes, Buffer.from([0])]), 'BINARY'), undefined);
  }
});

test('a long that no float64 holds is a good long', (t) => {
  t.is(avroSchema('"long"').problemWith(Buffer.from('feffffffffffffffff01', 'hex'), 'BINARY'), undefined);
});

for (const encoding of [Encodings.Json, Encodings.Binary])
  test(`a topic takes ${encoding} messages of its Avro schema only, and marks them with it`, async (t) => {
    const { client } = await local(t);
    const made = await client.createSchema('price', SchemaTypes.Avro, JSON.stringify(PRICE));
    const name = (await made.getName()) ?? '';
    const [topic] = await client.createTopic({ name: 'prices', schemaSettings: { schema: name, encoding } });
    const [subscription] = await topic.createSubscription('bars');
    const type = avsc.Type.forSchema(PRICE as unknown as avsc.Schema, { wrapUnions: true });
    const binary = type.toBuffer(type.fromString(JSON.stringify(GOOD)));
    const json = Buffer.from(JSON.stringify(GOOD));
    const [good, bad] = encoding === Encodings.Json ? [json, binary] : [binary, json];
    const refusal = await t.throwsAsync(topic.publishMessage({ data: bad }));
    t.is(refusal?.message, '3 INVALID_ARGUMENT: Invalid data in message: Message failed schema validation.');
    t.regex(detailsOf(refusal), new RegExp(`INVALID_${encoding}_AVRO_MESSAGE.*pubsub\\.googleapis\\.com`, 's'));
    await topic.publishMessage({ data: good });
    const [message] = (await receive(subscription, 1)) as [Message];
    const { revisionId } = await made.get();
    t.deepEqual(message.attributes, {
      googclient_schemaencoding: encoding,
      googclient_schemaname: name,
      googclient_schemarevisionid: revisionId ?? '',
    });
  });

/** What came in the trailer for error details, which the client leaves encoded. */
const detailsOf = (error: Error | undefined): string =>
  String((error as ServiceError | undefined)?.metadata.get('grpc-status-details-bin')[0]);

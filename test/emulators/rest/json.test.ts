import test from 'ava';
import fc from 'fast-check';
import { serializer } from 'google-gax';
import protobuf from 'protobufjs';
import { JsonProblem } from '../../../emulators/rest/json-problem.ts';
import { readJson } from '../../../emulators/rest/json-read.ts';
import { writeJson } from '../../../emulators/rest/json-write.ts';

const root = new protobuf.Root();
for (const name of ['any', 'duration', 'struct', 'timestamp', 'wrappers', 'field_mask'])
  root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)?.nested ?? {});
protobuf.parse(
  `syntax = "proto3";
  package trade;
  enum Side { SIDE_UNSPECIFIED = 0; BUY = 1; SELL = 2; }
  message Order {
    string client_id = 1;
    int32 lots = 2;
    int64 sequence = 3;
    uint64 checksum = 4;
    double limit_price = 5;
    bool is_open = 6;
    bytes payload = 7;
    Side side = 8;
    repeated string tags = 9;
    map<string, int64> depth = 10;
    Order parent = 11;
    optional int32 attempt = 12;
    oneof outcome { string refusal = 13; int32 filled_lots = 14; }
    google.protobuf.Timestamp placed_at = 15;
    google.protobuf.Duration time_limit = 16;
    google.protobuf.FieldMask changed = 17;
    google.protobuf.Struct notes = 18;
    google.protobuf.Int64Value hedge = 19;
    google.protobuf.Any detail = 20;
    repeated Side sides = 21;
    google.protobuf.Value anything = 22;
  }`,
  root,
);
root.resolveAll();
const Order = root.lookupType('trade.Order');

const throughWire = (json: unknown): unknown =>
  writeJson(Order, Order.decode(Order.encode(readJson(Order, json)).finish()), { enumsAsNumbers: false });

test('what JSON says comes back from the wire as it was', (t) => {
  const json = {
    clientId: 'a',
    lots: -3,
    sequence: '9007199254740993',
    checksum: '18446744073709551615',
    limitPrice: 71.25,
    isOpen: true,
    payload: 'aGVsbG8=',
    side: 'SELL',
    tags: ['x', ''],
    depth: { bid: '0', ask: '12' },
    parent: { clientId: 'b', parent: {} },
    attempt: 0,
    filledLots: 0,
    placedAt: '2020-04-20T18:08:00.001500Z',
    timeLimit: '-1.500s',
    changed: 'side,limitPrice',
    notes: { a: [1, 'two', null, { b: false }] },
    hedge: '0',
    detail: { '@type': 'type.googleapis.com/trade.Order', lots: 4 },
    sides: ['SIDE_UNSPECIFIED', 'BUY'],
    anything: null,
  };
  t.deepEqual(throughWire(json), json);
});

test('defaults are left out, except where a field says whether it is set', (t) => {
  t.deepEqual(throughWire({ lots: 0, clientId: '', tags: [], depth: {}, isOpen: false, payload: '', side: 0 }), {});
  t.deepEqual(throughWire({ attempt: 0, refusal: '' }), { attempt: 0, refusal: '' });
});

test('names are read as the proto file spells them and in camelCase, integers also from text and whole decimals', (t) => {
  t.deepEqual(throughWire({ client_id: 'a', limit_price: '1e2', lots: '7', sequence: 5.0 }), {
    clientId: 'a',
    limitPrice: 100,
    lots: 7,
    sequence: '5',
  });
  t.deepEqual(throughWire({ changed: 'limit_price', limitPrice: 'NaN' }), { changed: 'limitPrice', limitPrice: 'NaN' });
});

test('a timestamp with an offset is read as the same moment in UTC', (t) => {
  t.deepEqual(throughWire({ placedAt: '2020-04-20T20:08:00.5+02:00' }), { placedAt: '2020-04-20T18:08:00.500Z' });
});

for (const [json, path] of [
  [{ unknown: 1 }, 'unknown'],
  [{ parent: { unknown: 1 } }, 'parent.unknown'],
  [{ lots: 2 ** 31 }, 'lots'],
  [{ lots: 1.5 }, 'lots'],
  [{ lots: true }, 'lots'],
  [{ clientId: 5 }, 'clientId'],
  [{ client_id: 'a', clientId: 'b' }, 'clientId'],
  [{ side: 'HOLD' }, 'side'],
  [{ tags: 'x' }, 'tags'],
  [{ tags: ['x', 1] }, 'tags[1]'],
  [{ depth: { bid: 'x' } }, 'depth.bid'],
  [{ refusal: 'a', filledLots: 1 }, ''],
  [{ timeLimit: 5 }, 'timeLimit'],
  [{ timeLimit: '5' }, 'timeLimit'],
  [{ placedAt: 'yesterday' }, 'placedAt'],
  [{ payload: '***' }, 'payload'],
  [{ detail: { '@type': 'type.googleapis.com/trade.Nothing' } }, 'detail'],
  [[], ''],
  ['text', ''],
] as const)
  test(`${JSON.stringify(json)} is refused at '${path}'`, (t) => {
    const problem = t.throws(() => readJson(Order, json), { instanceOf: JsonProblem });
    t.is(problem.path, path);
  });

test('a text of a single zero is a text like any other', (t) => {
  const message = Order.decode(Order.encode(readJson(Order, { clientId: '0' })).finish());
  t.like(writeJson(Order, message, { enumsAsNumbers: true }), { clientId: '0' });
});

test('any message is written as Google writes it', (t) => {
  const order = fc.record(
    {
      clientId: fc.string({ minLength: 1 }),
      lots: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      sequence: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String),
      checksum: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String),
      limitPrice: fc.double({ min: 0.001, noNaN: true }),
      payload: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      side: fc.constantFrom('BUY', 'SELL'),
      tags: fc.array(fc.string(), { minLength: 1 }),
      depth: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.integer().map(String),
        { minKeys: 1 },
      ),
      placedAt: fc
        .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      filledLots: fc.integer(),
    },
    { requiredKeys: ['depth'] },
  );
  fc.assert(
    fc.property(order, (json) => {
      const message = Order.decode(Order.encode(readJson(Order, json)).finish());
      const reference = serializer.toProto3JSON(message as never, { numericEnums: true });
      // Google's own writer keeps nanoseconds that are all zero.
      const { placedAt: _, ...written } = writeJson(Order, message, { enumsAsNumbers: true }) as Record<
        string,
        unknown
      >;
      const { placedAt: __, ...expected } = reference as Record<string, unknown>;
      t.deepEqual(written, expected);
    }),
    { numRuns: 200 },
  );
});

import test from 'ava';
import fc from 'fast-check';
import * as z from 'zod';
import { collectContracts } from '../../contracts/collect.ts';
import {
  committedFieldNumbers,
  extendFieldNumbers,
  type FieldNumbers,
} from '../../contracts/documents/field-numbers.ts';
import { messageShape } from '../../contracts/documents/message-shape.ts';
import { protoSchema } from '../../contracts/documents/proto.ts';
import { type Event, event } from '../../contracts/kit/event.ts';
import { protobufSchema } from '../../emulators/pubsub/schema-protobuf.ts';
import { payloadsOf } from './payloads.ts';

const RUNS = 15;

function eventOf(shape: z.ZodRawShape): Event {
  return event({ type: 'sample.thing.done', version: 1, scope: 'global', summary: 'Done', data: z.object(shape) });
}

/** What Pub/Sub finds wrong with a payload that a topic of this schema is given as JSON. */
function problemOf(definition: string): (payload: unknown) => string | undefined {
  const schema = protobufSchema(definition);
  return (payload) => schema.problemWith(Buffer.from(JSON.stringify(payload)), 'JSON');
}

test('every payload that an event allows passes the schema of its topic', async (t) => {
  const { events } = await collectContracts();
  const numbers = await committedFieldNumbers();
  for (const contract of events) {
    const problem = problemOf(protoSchema(contract, numbers[contract.topic]));
    fc.assert(
      fc.property(payloadsOf(contract), (payload) => problem(payload) === undefined),
      { numRuns: RUNS, seed: 1 },
    );
  }
  t.true(events.length > 0);
});

test('an unknown field, and any field of another type, is refused in every event', async (t) => {
  const { events } = await collectContracts();
  for (const contract of events) {
    const problem = problemOf(protoSchema(contract));
    const [payload] = fc.sample(payloadsOf(contract), { numRuns: 1, seed: 1 });
    t.regex(problem({ ...(payload as object), unheardOf: 1 }) ?? '', /Unknown name "unheardOf"/);
    for (const { name, type: fieldType } of messageShape(contract.data).fields) {
      // What no scalar takes; a message takes no list of them.
      const wrong = fieldType === 'message' ? [[[]]] : { wrong: {} };
      t.truthy(problem({ ...(payload as object), [name]: wrong }), `${contract.topic} ${name}`);
    }
  }
});

test('the subset of zod becomes the protocol buffers that stand for it', (t) => {
  const definition = protoSchema(
    eventOf({
      text: z.string().min(1),
      id: z.uuid(),
      grade: z.enum(['A', 'B']),
      always: z.literal('yes'),
      count: z.int(),
      share: z.number().optional(),
      sealed: z.boolean(),
      samples: z.array(z.object({ moisture: z.number() })),
      labels: z.record(z.string(), z.string()).optional(),
      seal: z.object({ number: z.string().optional() }).optional(),
    }),
  );
  t.is(
    definition,
    `syntax = "proto3";

// Done
message SampleThingDoneV1 {
  message Samples {
    double moisture = 1;
  }
  message Seal {
    optional string number = 1;
  }
  string text = 1;
  string id = 2;
  string grade = 3;
  string always = 4;
  int64 count = 5;
  optional double share = 6;
  bool sealed = 7;
  repeated Samples samples = 8;
  map<string, string> labels = 9;
  optional Seal seal = 10;
}
`,
  );
});

test('anything outside the subset is refused by the path of its field', (t) => {
  const refused: [z.ZodRawShape, RegExp][] = [
    [{ when: z.date() }, /^when cannot be written .* date is not among/],
    [{ lot: z.object({ weight: z.union([z.string(), z.number()]) }) }, /^lot\.weight .* union/],
    [{ lots: z.array(z.object({ seal: z.string().nullable() })) }, /^lots\.seal .* nullable/],
    [{ matrix: z.array(z.array(z.number())) }, /^matrix .* array/],
    [{ level: z.literal(1) }, /^level .* literals and enums are of strings/],
    [{ count: z.string().default('1') }, /^count .* default/],
    [{ user_id: z.string() }, /^user_id .* camelCase/],
  ];
  for (const [shape, message] of refused)
    t.throws(() => protoSchema(eventOf(shape)), { instanceOf: TypeError, message });
});

test('a number once given stays, and that of a field that has gone is reserved', (t) => {
  const first = extendFieldNumbers(messageShape(eventOf({ a: z.string(), b: z.object({ c: z.string() }) }).data));
  t.deepEqual(first, { '': { a: 1, b: 2 }, b: { c: 1 } });
  const later = eventOf({ z: z.string(), b: z.object({ d: z.string(), c: z.string() }) });
  const second = extendFieldNumbers(messageShape(later.data), first);
  t.deepEqual(second, { '': { a: 1, b: 2, z: 3 }, b: { c: 1, d: 2 } });
  const definition = protoSchema(later, second);
  t.true(definition.includes('reserved 1;\n  reserved "a";'));
  t.notThrows(() => problemOf(definition));
});

test('whatever fields come and go, no number is ever given twice or changed', (t) => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(names, { maxLength: 6 }), (history) => {
      let known: FieldNumbers = {};
      for (const fields of history) {
        const shape = messageShape(eventOf(Object.fromEntries(fields.map((name) => [name, z.string()]))).data);
        const next = extendFieldNumbers(shape, known);
        for (const [name, number] of Object.entries(known[''] ?? {})) if (next['']?.[name] !== number) return false;
        const numbers = Object.values(next[''] ?? {});
        if (new Set(numbers).size !== numbers.length) return false;
        known = next;
      }
      return true;
    }),
  );
  t.pass();
});

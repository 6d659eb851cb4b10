import test from 'ava';
import * as z from 'zod';
import { compatibilityProblems } from '../../contracts/documents/compatibility.ts';
import { snapshotOf, snapshotProblems } from '../../contracts/documents/snapshot.ts';
import { event } from '../../contracts/kit/event.ts';

const published = {
  lotId: z.uuid(),
  weightKg: z.string(),
  grade: z.enum(['A', 'B']),
  note: z.string().optional(),
  samples: z.array(z.object({ moisture: z.number().min(0) })),
  readings: z.record(z.string(), z.number()),
};

function problems(changed: z.ZodRawShape): string[] {
  const schema = (shape: z.ZodRawShape) => z.toJSONSchema(z.object(shape), { io: 'input' });
  return compatibilityProblems(schema(published), schema({ ...published, ...changed }));
}

test('nothing changed is compatible, and so is a new optional field, however deep', (t) => {
  t.deepEqual(problems({}), []);
  t.deepEqual(problems({ seal: z.string().optional() }), []);
  const samples = z.array(z.object({ moisture: z.number().min(0), ash: z.number().optional() }));
  t.deepEqual(problems({ samples }), []);
});

test('a description or the order of an enum changes nothing', (t) => {
  t.deepEqual(problems({ weightKg: z.string().describe('Net of tare'), grade: z.enum(['B', 'A']) }), []);
});

test('a field that is gone is refused', (t) => {
  const { lotId: _, ...without } = published;
  const [before, after] = [published, without].map((shape) => z.toJSONSchema(z.object(shape), { io: 'input' }));
  t.deepEqual(compatibilityProblems(before ?? {}, after ?? {}), ['lotId is gone']);
});

test('a field of another type is refused', (t) => {
  t.deepEqual(problems({ weightKg: z.number() }), ['weightKg: type was "string" and is "number"']);
  t.deepEqual(problems({ readings: z.record(z.string(), z.string()) }), [
    'readings{}: type was "number" and is "string"',
  ]);
});

test('a new required field is refused, and so is a change between optional and required', (t) => {
  t.deepEqual(problems({ seal: z.string() }), ['seal is new and required']);
  t.deepEqual(problems({ note: z.string() }), ['note was optional and no longer is']);
  t.deepEqual(problems({ weightKg: z.string().optional() }), ['weightKg was required and no longer is']);
});

test('an enum that narrows breaks new readers, one that widens breaks old ones', (t) => {
  t.deepEqual(problems({ grade: z.enum(['A']) }), ['grade: enum was ["A","B"] and is ["A"]']);
  t.deepEqual(problems({ grade: z.enum(['A', 'B', 'C']) }), ['grade: enum was ["A","B"] and is ["A","B","C"]']);
});

test('a bound or a format that moves is refused, inside lists too', (t) => {
  t.deepEqual(problems({ samples: z.array(z.object({ moisture: z.number().min(1) })) }), [
    'samples[].moisture: minimum was 0 and is 1',
  ]);
  t.deepEqual(
    problems({ note: z.email().optional() }).map((problem) => problem.split(' was ')[0]),
    ['note: format', 'note: pattern'],
  );
});

test('an event that changes its key or its scope is another event', (t) => {
  const declared = { type: 'logistics.lot.weighed', version: 1, summary: 'Weighed' };
  const data = z.object(published);
  const before = snapshotOf(event({ ...declared, scope: 'tenant', orderBy: 'lotId', data }));
  t.deepEqual(snapshotProblems(before, snapshotOf(event({ ...declared, scope: 'global', orderBy: 'grade', data }))), [
    'scope was tenant and is global',
    'orderBy was lotId and is grade',
  ]);
});

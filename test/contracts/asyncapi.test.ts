import test from 'ava';
import * as z from 'zod';
import { collectContracts } from '../../contracts/collect.ts';
import { asyncApiDocument } from '../../contracts/documents/asyncapi.ts';
import { event } from '../../contracts/kit/event.ts';
import { referenceTargets, valueAt } from './value-at.ts';

const lotWeighed = event({
  type: 'logistics.lot.weighed',
  version: 2,
  scope: 'tenant',
  orderBy: 'lotId',
  summary: 'A lot has been weighed',
  data: z.object({ lotId: z.uuid(), weightKg: z.string() }),
});
const scaleRead = event({
  type: 'logistics.scale.read',
  version: 1,
  scope: 'tenant',
  ingress: true,
  summary: 'What a weighbridge shows',
  data: z.object({ weightKg: z.string() }),
});
const about = { title: 'Lots', version: '1' };

const sample = asyncApiDocument({ events: [lotWeighed, scaleRead], ...about });
const messageAt = (topic: string, ...path: string[]) => valueAt(sample, 'components', 'messages', topic, ...path);

test('every event has a channel at its topic, and every reference leads somewhere', async (t) => {
  const { events } = await collectContracts();
  const document = asyncApiDocument({ events, ...about });
  t.deepEqual(Object.keys(document.channels as object), events.map(({ topic }) => topic).sort());
  for (const [reference, target] of referenceTargets(document)) t.truthy(target, reference);
});

test('a message has the CloudEvents attributes of its kind, and its ordering key', (t) => {
  const weighed = 'logistics.lot.weighed.v2';
  t.true((messageAt(weighed, 'headers', 'required') as string[]).includes('ce-tenant'));
  t.is(messageAt(weighed, 'headers', 'properties', 'ce-type', 'const'), 'logistics.lot.weighed');
  t.is(messageAt(weighed, 'bindings', 'googlepubsub', 'orderingKey'), '{tenant}:{lotId}');
  const read = 'logistics.scale.read.v1';
  t.is(messageAt(read, 'headers', 'properties', 'ce-tenant'), undefined);
  t.is(messageAt(read, 'bindings', 'googlepubsub', 'orderingKey'), undefined);
});

test('readers ignore what they do not know, so payloads stay open', (t) => {
  t.is(messageAt('logistics.lot.weighed.v2', 'payload', 'type'), 'object');
  t.is(messageAt('logistics.lot.weighed.v2', 'payload', 'additionalProperties'), undefined);
});

test('the platform receives what comes from outside and sends the rest', (t) => {
  t.is(valueAt(sample, 'operations', 'send.logistics.lot.weighed.v2', 'action'), 'send');
  t.is(valueAt(sample, 'operations', 'receive.logistics.scale.read.v1', 'action'), 'receive');
});

test('functions that publish and consume are named where they are known', (t) => {
  const { operations } = asyncApiDocument({
    events: [lotWeighed],
    ...about,
    publishers: { 'logistics.lot.weighed.v2': ['logistics-weigh-lot'] },
    consumers: { 'logistics.lot.weighed.v2': ['finance-on-lot-weighed', 'analytics-on-lot-weighed'] },
  });
  t.deepEqual(Object.keys(operations as object), [
    'logistics-weigh-lot.send.logistics.lot.weighed.v2',
    'analytics-on-lot-weighed.receive.logistics.lot.weighed.v2',
    'finance-on-lot-weighed.receive.logistics.lot.weighed.v2',
  ]);
});

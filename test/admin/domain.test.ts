import test from 'ava';
import type { SpanRecord } from '#core/trace.ts';
import { originalAttributes, originOf, outcomeOf, pushRequestOf } from '../../functions/admin/domain/dead-letter.ts';
import { contextHealth, platformStatus, spokesmen } from '../../functions/admin/domain/health.ts';
import { spansOf } from '../../functions/admin/traces/cloud-trace.ts';
import { visibleTo } from '../../functions/admin/traces/visible-spans.ts';

const span = (spanId: string, parentSpanId: string | undefined, tenant?: string): SpanRecord => ({
  traceId: 'f'.repeat(32),
  spanId,
  parentSpanId,
  name: spanId,
  kind: 'INTERNAL',
  startMs: 0,
  durationMs: 1,
  error: undefined,
  attributes: tenant === undefined ? {} : { tenant },
});

test('one function speaks for each context, and never its sweep', (t) => {
  const names = ['risk-sweep', 'risk-get-policy', 'market-sweep', 'ai-on-bar-closed', 'ai-get-mandates'];
  t.deepEqual(
    [...spokesmen(names)],
    [
      ['ai', 'ai-get-mandates'],
      ['risk', 'risk-get-policy'],
    ],
  );
});

test('the platform is as well as its worst context', (t) => {
  const ok = contextHealth('a', 'a-x', { status: 'ok', checks: { database: 'ok' } });
  const degraded = contextHealth('b', 'b-x', { status: 'degraded', checks: { policy: 'unreachable', database: 'ok' } });
  const gone = contextHealth('c', 'c-x', { unanswered: 'c-x did not answer' });
  t.deepEqual(degraded.reasons, ['policy: unreachable']);
  t.is(gone.status, 'down');
  t.is(platformStatus([ok]), 'ok');
  t.is(platformStatus([ok, degraded]), 'degraded');
  t.is(platformStatus([ok, degraded, gone]), 'down');
});

test('a dead letter tells the function it failed in, and gets back the attributes it came with', (t) => {
  const attributes = {
    'ce-id': 'event-1',
    CloudPubSubDeadLetterSourceSubscription: 'projects/p/subscriptions/risk-on-bar-closed',
    CloudPubSubDeadLetterSourceDeliveryCount: '100',
  };
  t.deepEqual(originOf(attributes), { function: 'risk-on-bar-closed', deliveries: '100' });
  t.deepEqual(originalAttributes(attributes), { 'ce-id': 'event-1' });
  t.is(originOf({}), undefined);
});

test('a message is delivered again under its own id and key', (t) => {
  const request = JSON.parse(
    pushRequestOf({ eventId: 'event-1', orderingKey: 'k', attributes: { 'ce-id': 'event-1' }, data: '{"a":"é"}' }, 'f'),
  );
  t.like(request.message, { messageId: 'event-1', orderingKey: 'k', attributes: { 'ce-id': 'event-1' } });
  t.is(Buffer.from(request.message.data, 'base64').toString(), '{"a":"é"}');
});

test('a redrive that is answered with an error tells it', (t) => {
  t.deepEqual(outcomeOf(204, ''), { kind: 'redriven' });
  t.deepEqual(outcomeOf(409, '{"error":"no \\"such\\" book"}'), { kind: 'still-failing', error: 'no "such" book' });
  t.deepEqual(outcomeOf(502, '<html>'), { kind: 'still-failing', error: 'status 502' });
});

test('an organisation sees its own spans and what lies beneath them, and nothing of anybody else', (t) => {
  const spans = [
    span('prices', undefined),
    span('prices-transaction', 'prices'),
    span('mine', 'prices', 'me'),
    span('mine-transaction', 'mine'),
    span('theirs', 'prices', 'them'),
    span('theirs-call', 'theirs'),
    span('mine-again', 'theirs-call', 'me'),
  ];
  const names = visibleTo(spans, 'me').map(({ name }) => name);
  t.deepEqual(names, ['mine', 'mine-transaction', 'mine-again']);
});

test("Cloud Trace's spans are read with their microseconds", (t) => {
  const [root, child] = spansOf({
    projectId: 'p',
    traceId: 'a'.repeat(32),
    spans: [
      {
        spanId: '255',
        kind: 'RPC_SERVER',
        name: 'risk-get-policy',
        startTime: '2026-01-05T00:00:00.000250Z',
        endTime: '2026-01-05T00:00:00.001750Z',
        labels: { tenant: 'me' },
      },
      {
        spanId: '256',
        parentSpanId: '255',
        name: 'transaction',
        startTime: '2026-01-05T00:00:00Z',
        endTime: '2026-01-05T00:00:01Z',
      },
    ],
  });
  t.like(root, { spanId: '00000000000000ff', parentSpanId: undefined, kind: 'SERVER', attributes: { tenant: 'me' } });
  t.is(Math.round((root?.durationMs ?? 0) * 1_000), 1_500);
  t.like(child, { spanId: '0000000000000100', parentSpanId: '00000000000000ff', durationMs: 1_000 });
});

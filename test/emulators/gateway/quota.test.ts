import test from 'ava';
import type { ApiOperation, QuotaLimit } from '../../../emulators/gateway/api.ts';
import { QuotaCounters } from '../../../emulators/gateway/quota.ts';

const LIMITS: QuotaLimit[] = [
  { name: 'reads-a-minute', metric: 'reads', perMinute: 4 },
  { name: 'writes-a-minute', metric: 'writes', perMinute: 1 },
];
const NOON = Date.UTC(2026, 0, 2, 12);

function costing(costs: ApiOperation['costs']): ApiOperation {
  const address = new URL('http://127.0.0.1:1');
  const backend = {
    name: 'b',
    address,
    audience: undefined,
    deadlineMs: 1,
    pathTranslation: 'CONSTANT_ADDRESS' as const,
  };
  return { id: 'o', template: '/', parameterNames: [], backend, security: [], costs };
}

const read = costing([{ metric: 'reads', cost: 2 }]);
const both = costing([
  { metric: 'reads', cost: 1 },
  { metric: 'writes', cost: 1 },
]);

test('a limit holds for one consumer and one minute', (t) => {
  const quotas = new QuotaCounters(1);
  const take = (consumer: string | undefined, atMs: number) => quotas.take(LIMITS, read, consumer, atMs)?.code;
  t.deepEqual([take('a', NOON), take('a', NOON), take('a', NOON)], [undefined, undefined, 429]);
  t.is(take('b', NOON), undefined);
  t.is(take(undefined, NOON), undefined);
  t.is(take('a', NOON + 60_000), undefined);
});

test('a refusal takes nothing and says when the minute is over', (t) => {
  const quotas = new QuotaCounters(1);
  t.is(quotas.take(LIMITS, both, 'a', NOON), undefined);
  t.deepEqual(quotas.take(LIMITS, both, 'a', NOON + 15_000)?.headers, { 'retry-after': '45' });
  t.is(quotas.take(LIMITS, costing([{ metric: 'reads', cost: 3 }]), 'a', NOON + 15_000), undefined);
});

test('a scale multiplies every limit', (t) => {
  const quotas = new QuotaCounters(10);
  for (let n = 0; n < 20; n++) t.is(quotas.take(LIMITS, read, 'a', NOON), undefined);
  t.is(quotas.take(LIMITS, read, 'a', NOON)?.code, 429);
});

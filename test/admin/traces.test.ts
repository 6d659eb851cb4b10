import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import * as api from '#contracts/admin/api.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const traceId = 'ab'.repeat(16);
const mine = '6f2c2a7e-0d0b-4f0e-9a58-1c1c53b6a0aa';
const theirs = '7f2c2a7e-0d0b-4f0e-9a58-1c1c53b6a0aa';

let harness: Harness;
let folder: string;

function line(spanId: string, parentSpanId: string | undefined, startMs: number, attributes: object = {}): string {
  return `${JSON.stringify({ traceId, spanId, parentSpanId, name: spanId, kind: 'INTERNAL', startMs, durationMs: 2, attributes })}\n`;
}

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-traces-'));
  await writeFile(
    join(folder, 'spans-1.ndjson'),
    `${line('prices', undefined, 1_000) + line('mine', 'prices', 1_001, { tenant: mine })}{"traceId":"torn`,
  );
  await writeFile(
    join(folder, 'spans-2.ndjson'),
    line('mine-transaction', 'mine', 1_003.5) + line('theirs', 'prices', 1_002, { tenant: theirs }),
  );
  harness = await startHarness({ variables: { ENVIRONMENT: 'local', TRACE_FILE: join(folder, 'spans.ndjson') } });
});

test.after.always(async () => {
  await harness?.close();
  await rm(folder, { recursive: true, force: true });
});

test('the administrator sees a whole trace, gathered from every process that took part', async (t) => {
  const as = { tenant: mine, roles: ['platform-admin'] };
  const { status, body } = await harness.request(api.getTrace, { traceId }, { as });
  t.is(status, 200);
  t.deepEqual(
    body.spans.map(({ name, depth, startMs }: { name: string; depth: number; startMs: number }) => [
      name,
      depth,
      startMs,
    ]),
    [
      ['prices', 0, 0],
      ['mine', 1, 1],
      ['mine-transaction', 2, 3.5],
      ['theirs', 1, 2],
    ],
  );
  t.is(body.durationMs, 5.5);
});

test('an organisation sees its own part, as if it were all', async (t) => {
  const { body } = await harness.request(api.getTrace, { traceId }, { as: { tenant: mine, roles: ['trader'] } });
  t.deepEqual(
    body.spans.map(({ name, depth, parentSpanId }: Record<string, unknown>) => [name, depth, parentSpanId]),
    [
      ['mine', 0, undefined],
      ['mine-transaction', 1, 'mine'],
    ],
  );
});

test('a trace of others only answers as one that does not exist', async (t) => {
  const as = { tenant: '8f2c2a7e-0d0b-4f0e-9a58-1c1c53b6a0aa', roles: ['trader'] };
  const others = await harness.request(api.getTrace, { traceId }, { as });
  const unknown = await harness.request(api.getTrace, { traceId: 'cd'.repeat(16) }, { as });
  t.is(others.status, 404);
  t.is(others.body.detail, unknown.body.detail);
  t.is((await harness.request(api.getTrace, { traceId: 'nonsense' }, { as })).status, 400);
});

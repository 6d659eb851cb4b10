import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { lineage, renderWaterfall } from '../../emulators/trace.ts';
import type { SpanRecord } from '../../functions/core/trace.ts';

const run = promisify(execFile);
const traceId = 'ab'.repeat(16);
const program = new URL('../../emulators/trace.ts', import.meta.url).pathname;

const span = (spanId: string, parentSpanId: string | undefined, startMs: number, durationMs: number): SpanRecord => ({
  traceId,
  spanId,
  parentSpanId,
  name: `span-${spanId}`,
  kind: 'INTERNAL',
  startMs,
  durationMs,
  error: undefined,
  attributes: {},
});

const spans = [
  span('d', 'b', 106, 2),
  span('a', undefined, 100, 10),
  span('c', 'a', 104, 6),
  { ...span('b', 'a', 102, 4), error: 'no book', attributes: { tenant: '6f2c2a7e-0d0b-4f0e-9a58-1c1c53b6a0aa' } },
];

test('a waterfall indents each span under its parent, in order of start, and draws when it happened', (t) => {
  const [, , ...lines] = renderWaterfall(spans, { barWidth: 10 }).split('\n');
  t.deepEqual(lines, [
    '      0.00     10.00 │██████████│ span-a',
    '      2.00      4.00 │  ████    │   span-b  [6f2c2a7e]  ✗ no book',
    '      6.00      2.00 │      ██  │     span-d',
    '      4.00      6.00 │    ██████│   span-c',
  ]);
});

test('a span without duration still shows, and so does a trace of one instant', (t) => {
  t.true(renderWaterfall([span('a', undefined, 5, 0)]).includes('█'));
  t.is(renderWaterfall([]), '');
});

test('the lineage of a span is what led to it and what it led to', (t) => {
  const names = (spanId: string) =>
    lineage(spans, spanId)
      .map((each) => each.spanId)
      .sort();
  t.deepEqual(names('b'), ['a', 'b', 'd']);
  t.deepEqual(names('c'), ['a', 'c']);
  t.deepEqual(names('nowhere'), []);
});

test('the program prints a trace, and says in one line what it cannot find', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-trace-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'spans-1.ndjson'), spans.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const trace = (...args: string[]) => run(process.execPath, [program, '--folder', folder, ...args]);
  const { stdout } = await trace(traceId, '--span', 'c');
  t.regex(stdout, /2 spans/);
  const unknown = await t.throwsAsync<Error & { code: number; stderr: string }>(trace('cd'.repeat(16)));
  t.is(unknown?.code, 1);
  t.regex(unknown?.stderr ?? '', /^no trace (cd){16} in .*\n$/);
});

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import anyTest, { type TestFn } from 'ava';
import { frameRecord } from '../../../emulators/log/frame.ts';
import { Journal } from '../../../emulators/log/journal.ts';
import { jsonCodec } from '../../../emulators/log/json-codec.ts';

interface Entry {
  n: number;
}

interface Options {
  fsync?: boolean;
  compactAtBytes?: number;
  /** Whether snapshots are written while appends go on. */
  isStreamed?: boolean;
  /** Called between two records of a snapshot. */
  between?: () => void;
}

const test = anyTest as TestFn<{ directory: string }>;

test.beforeEach((t) => {
  t.context.directory = mkdtempSync(join(tmpdir(), 'millrace-journal-'));
});

test.afterEach.always((t) => {
  rmSync(t.context.directory, { recursive: true });
});

/** A journal of numbers whose state is the list of all of them. */
function open(directory: string, { isStreamed = false, between, ...options }: Options = {}) {
  const entries: number[] = [];
  const warnings: string[] = [];
  const pinned = function* (upTo: number) {
    for (const n of entries.slice(0, upTo)) {
      yield { n };
      between?.();
    }
  };
  const journal = new Journal<Entry>({
    directory,
    fsync: false,
    ...options,
    codec: jsonCodec<Entry>(),
    replay: ({ n }) => entries.push(n),
    snapshot: () => (isStreamed ? streamed(pinned(entries.length)) : pinned(entries.length)),
    warn: (message, details) => warnings.push(`${message} ${JSON.stringify(details)}`),
  });
  const add = (n: number) => {
    journal.append({ n });
    entries.push(n);
  };
  return { journal, entries, warnings, add };
}

async function* streamed<T>(records: Iterable<T>): AsyncGenerator<T> {
  for (const record of records) {
    yield record;
    await nextTurn();
  }
}

/** What a journal holds when it is opened, which changes nothing in it but what a crash left unfinished. */
async function heldIn(directory: string): Promise<number[]> {
  const { journal, entries } = open(directory);
  await journal.close();
  return entries;
}

const filesIn = (directory: string) => readdirSync(directory).sort();

for (const fsync of [false, true])
  for (const isStreamed of [false, true]) {
    const how = `${fsync ? 'with' : 'without'} fsync, ${isStreamed ? 'streamed' : 'in one turn'}`;

    test(`compaction while writers go on loses nothing and doubles nothing, ${how}`, async (t) => {
      const { directory } = t.context;
      const first = open(directory, { fsync, isStreamed, compactAtBytes: 300 });
      const writer = async (from: number) => {
        for (let n = from; n < from + 100; n += 1) {
          first.add(n);
          await first.journal.settled();
        }
      };
      await Promise.all([writer(0), writer(1_000), writer(2_000)]);
      await first.journal.close();
      t.true(first.journal.generation > 1);
      t.deepEqual(first.warnings, []);
      t.deepEqual(await heldIn(directory), first.entries);
      t.is(readdirSync(directory).length, 2);
    });
  }

for (const fsync of [false, true])
  test(`what is settled is there after opening again, ${fsync ? 'with' : 'without'} fsync`, async (t) => {
    const first = open(t.context.directory, { fsync });
    for (let n = 0; n < 100; n += 1) {
      first.add(n);
      if (n % 10 === 0) await first.journal.settled();
    }
    await first.journal.settled();
    // Not closed: a kill does not close it, either.
    t.deepEqual(await heldIn(t.context.directory), first.entries);
    await first.journal.close();
  });

test('a torn last record is dropped with a warning, and writing goes on after what is whole', async (t) => {
  const { directory } = t.context;
  const first = open(directory);
  first.add(1);
  first.add(2);
  await first.journal.close();
  const log = join(directory, 'log-000000');
  const whole = statSync(log).size;
  appendFileSync(log, readFileSync(log).subarray(0, 11));

  const second = open(directory);
  t.deepEqual(second.entries, [1, 2]);
  t.is(second.warnings.length, 1);
  t.regex(second.warnings.join(), new RegExp(`torn last record .*log-000000","offset":${whole},`));
  second.add(3);
  await second.journal.close();
  t.deepEqual(await heldIn(directory), [1, 2, 3]);
});

test('a damaged record stops the opening, and the command that the error names gives up what follows it', async (t) => {
  const { directory } = t.context;
  const first = open(directory);
  for (const n of [1, 2, 3]) first.add(n);
  await first.journal.close();
  const log = join(directory, 'log-000000');
  const bytes = readFileSync(log);
  bytes.write('"n":7', bytes.indexOf('"n":2'));
  writeFileSync(log, bytes);
  const { message } = t.throws(() => open(directory));
  const offset = frameRecord(Buffer.from('{"n":1}')).length;
  t.regex(message, new RegExp(`log-000000 is corrupt at offset ${offset}: .* truncate -s ${offset} ${log}$`));
  truncateSync(log, offset);
  t.deepEqual(await heldIn(directory), [1]);
});

test('a snapshot that is cut short, even between two records, stops the opening', async (t) => {
  const { directory } = t.context;
  const first = open(directory, { compactAtBytes: 10 });
  first.add(1);
  await first.journal.settled();
  await first.journal.close();
  const end = frameRecord(new Uint8Array(0)).length;
  const path = join(directory, 'snapshot-000001');
  truncateSync(path, statSync(path).size - end);
  t.throws(() => open(directory), { message: /snapshot-000001 is corrupt at offset 19/ });
  truncateSync(path, 3);
  t.throws(() => open(directory), { message: /snapshot-000001 is corrupt at offset 0/ });
});

test('a log that is gone stops the opening', async (t) => {
  const { directory } = t.context;
  const first = open(directory, { compactAtBytes: 10 });
  first.add(1);
  await first.journal.settled();
  await first.journal.close();
  rmSync(join(directory, 'log-000001'));
  t.throws(() => open(directory), { message: /log-000001 is missing/ });
});

test('killed at any step of a compaction, the journal holds what it held', async (t) => {
  const { directory } = t.context;
  const live = join(directory, 'live');
  const first = open(live, { compactAtBytes: 60 });
  for (const n of [1, 2, 3, 4]) first.add(n);
  await first.journal.settled();
  await first.journal.close();
  t.deepEqual(filesIn(live), ['log-000001', 'snapshot-000001']);

  const moments: string[] = [];
  /** A folder as a kill would leave it after the given change to it. */
  const moment = (folder = live, change: (copy: string) => void = () => undefined) => {
    const copy = join(directory, `moment-${moments.length}`);
    cpSync(folder, copy, { recursive: true });
    change(copy);
    moments.push(copy);
  };
  const second = open(live, { compactAtBytes: 60, isStreamed: true, between: () => moment() });
  for (const n of [5, 6, 7, 8, 9]) second.add(n);
  moment();
  await second.journal.settled();
  await second.journal.close();
  t.deepEqual(filesIn(live), ['log-000002', 'snapshot-000002']);

  const during = moments.at(-1) ?? '';
  t.deepEqual(filesIn(during), ['log-000001', 'log-000002', 'snapshot-000001', 'snapshot-000002.new']);
  const snapshot = readFileSync(join(live, 'snapshot-000002'));
  for (const bytes of [5, snapshot.length - 1, snapshot.length])
    moment(during, (copy) => writeFileSync(join(copy, 'snapshot-000002.new'), snapshot.subarray(0, bytes)));
  const complete = moments.at(-1) ?? '';
  for (const removed of [[], ['log-000001'], ['snapshot-000001']])
    moment(complete, (copy) => {
      renameSync(join(copy, 'snapshot-000002.new'), join(copy, 'snapshot-000002'));
      for (const file of removed) rmSync(join(copy, file));
    });
  const [before = '', ...after] = moments;
  t.deepEqual(await heldIn(before), [1, 2, 3, 4]);
  t.is(after.length, 15);
  for (const folder of after) {
    t.deepEqual(await heldIn(folder), [1, 2, 3, 4, 5, 6, 7, 8, 9], filesIn(folder).join());
    t.false(filesIn(folder).some((file) => file.endsWith('.new')));
  }
});

test('what was appended while a snapshot was streamed is there beside it', async (t) => {
  const { directory } = t.context;
  const first = open(directory, { compactAtBytes: 2_000, isStreamed: true });
  for (let n = 0; first.journal.generation === 0; n++) {
    first.add(n);
    await first.journal.settled();
  }
  const before = first.entries.length;
  t.false(existsSync(join(directory, 'snapshot-000001')));
  for (let n = 0; n < 20; n++) {
    first.add(10_000 + n);
    await first.journal.settled();
  }
  t.false(existsSync(join(directory, 'snapshot-000001')), 'the snapshot takes longer than that');
  await first.journal.close();
  const snapshot = readFileSync(join(directory, 'snapshot-000001'), 'utf8');
  t.false(snapshot.includes('10000'));
  t.deepEqual(await heldIn(directory), first.entries);
  t.is(first.entries.length, before + 20);
});

test('a snapshot that cannot be made leaves the older state in force, and is tried again later', async (t) => {
  const { directory } = t.context;
  let isBroken = true;
  const between = () => {
    if (isBroken) throw new Error('no');
  };
  const first = open(directory, { compactAtBytes: 100, isStreamed: true, between });
  const fill = async () => {
    for (let n = 0; n < 10; n++) {
      first.add(n);
      await first.journal.settled();
    }
  };
  await fill();
  while (first.warnings.length === 0) await nextTurn();
  t.regex(first.warnings.join(), /a snapshot could not be written .*no/);
  t.false(filesIn(directory).some((file) => file.startsWith('snapshot')));
  isBroken = false;
  await fill();
  await first.journal.close();
  t.is(filesIn(directory).length, 2);
  t.deepEqual(await heldIn(directory), first.entries);
});

test('once the disk has refused a record, nothing more is promised, and what was settled before is there', async (t) => {
  const { directory } = t.context;
  // A process that may write files of 4 KiB at most, as if its disk were full after that.
  const writer = fileURLToPath(new URL('small-disk-writer.ts', import.meta.url));
  const { stdout } = spawnSync('bash', ['-c', 'ulimit -f 4; exec "$0" "$@"', process.execPath, writer, directory]);
  const { settled, refusals } = JSON.parse(stdout.toString()) as { settled: number; refusals: string[] };
  t.is(new Set(refusals).size, 1);
  t.regex(refusals[0] ?? '', /log-000000 cannot be written: EFBIG/);
  const { journal, entries, warnings } = open(directory);
  t.deepEqual(entries, [...Array(settled).keys()]);
  t.deepEqual(warnings, [], 'what was written of the refused record was cut off again');
  await journal.close();
});

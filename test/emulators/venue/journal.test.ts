import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { Journal } from '../../../emulators/venue/journal.ts';

interface Entry {
  n: number;
}

const test = anyTest as TestFn<{ directory: string }>;

test.beforeEach((t) => {
  t.context.directory = mkdtempSync(join(tmpdir(), 'venue-journal-'));
});

test.afterEach.always((t) => {
  rmSync(t.context.directory, { recursive: true });
});

/** A journal of numbers whose state is the list of all of them. */
function open(directory: string, options: { fsync?: boolean; compactAtBytes?: number } = {}) {
  const entries: number[] = [];
  const warnings: string[] = [];
  const journal = new Journal<Entry>({
    directory,
    fsync: options.fsync ?? false,
    compactAtBytes: options.compactAtBytes ?? 1_000_000,
    replay: ({ n }) => entries.push(n),
    snapshot: () => entries.map((n) => ({ n })),
    log: (_severity, message) => warnings.push(message),
  });
  const add = (n: number) => {
    journal.append({ n });
    entries.push(n);
  };
  return { journal, entries, warnings, add };
}

for (const fsync of [false, true]) {
  const how = fsync ? 'with fsync' : 'without fsync';

  test(`what is durable is there after opening again, ${how}`, async (t) => {
    const first = open(t.context.directory, { fsync });
    for (let n = 0; n < 100; n += 1) {
      first.add(n);
      if (n % 10 === 0) await first.journal.durable();
    }
    await first.journal.close();
    const second = open(t.context.directory, { fsync });
    t.deepEqual(second.entries, first.entries);
    t.deepEqual(second.warnings, []);
    await second.journal.close();
  });

  test(`compaction while writers go on loses nothing and doubles nothing, ${how}`, async (t) => {
    const first = open(t.context.directory, { fsync, compactAtBytes: 300 });
    const writer = async (from: number) => {
      for (let n = from; n < from + 100; n += 1) {
        first.add(n);
        await first.journal.durable();
      }
    };
    await Promise.all([writer(0), writer(1_000), writer(2_000)]);
    await first.journal.close();
    t.true(first.journal.generation > 1);
    const second = open(t.context.directory, { fsync });
    t.deepEqual(second.entries, first.entries);
    t.is(readdirSync(t.context.directory).length, 2);
    await second.journal.close();
  });
}

test('a torn last record is dropped with a warning, and writing goes on after what is whole', async (t) => {
  const { directory } = t.context;
  const first = open(directory);
  first.add(1);
  first.add(2);
  await first.journal.close();
  appendFileSync(join(directory, 'log.0'), readFileSync(join(directory, 'log.0'), 'utf8').slice(0, 11));

  const second = open(directory);
  t.deepEqual(second.entries, [1, 2]);
  t.regex(second.warnings.join(), /log\.0: a torn last record at byte 34 was dropped/);
  second.add(3);
  await second.journal.close();

  const third = open(directory);
  t.deepEqual(third.entries, [1, 2, 3]);
  t.deepEqual(third.warnings, []);
  await third.journal.close();
});

test('a damaged record before others stops the opening with its offset and what to do', async (t) => {
  const { directory } = t.context;
  const first = open(directory);
  for (const n of [1, 2, 3]) first.add(n);
  await first.journal.close();
  const path = join(directory, 'log.0');
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, before.replace('"n":2', '"n":7'));
  t.throws(() => open(directory), { message: /log\.0 is damaged at byte 17.*truncate -s 17 / });
  t.is(statSync(path).size, before.length);
});

test('a snapshot that is cut short stops the opening', async (t) => {
  const { directory } = t.context;
  const first = open(directory, { compactAtBytes: 10 });
  first.add(1);
  await first.journal.close();
  const path = join(directory, 'snapshot');
  writeFileSync(path, readFileSync(path, 'utf8').split('\n').slice(0, 2).join('\n').concat('\n'));
  t.throws(() => open(directory), { message: /snapshot is damaged/ });
});

test('what a crash in the middle of a compaction leaves behind is not used', async (t) => {
  const { directory } = t.context;
  const first = open(directory);
  first.add(1);
  await first.journal.close();
  writeFileSync(join(directory, 'snapshot.new'), 'half a snap');
  writeFileSync(join(directory, 'log.1'), '');
  const second = open(directory);
  t.deepEqual(second.entries, [1]);
  t.false(existsSync(join(directory, 'snapshot.new')));
  t.false(existsSync(join(directory, 'log.1')));
  await second.journal.close();
});

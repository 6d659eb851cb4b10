import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { AppendFile } from '../../../emulators/log/append-file.ts';
import { GroupCommit } from '../../../emulators/log/group-commit.ts';

/** A file whose writes and syncs are noted and may be made to fail; a sync ends when the test says so. */
class WatchedFile extends AppendFile {
  writes: string[] = [];
  syncs: ((error?: Error) => void)[] = [];
  refusal: Error | undefined;

  override append(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.refusal !== undefined) throw this.refusal;
    super.append(chunks, bytes);
    this.writes.push(Buffer.concat(chunks).toString());
  }

  override startSync(done: (error: Error | undefined) => void): void {
    this.syncs.push((error) => done(error));
  }
}

function open(t: ExecutionContext, fsync: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-commit-'));
  const file = new WatchedFile(join(folder, 'log'));
  t.teardown(() => {
    file.close();
    rmSync(folder, { recursive: true });
  });
  const commit = new GroupCommit(file, fsync);
  const told: string[] = [];
  const add = (text: string) => {
    commit.append([Buffer.from(text)], text.length, (error) => told.push(`${text} ${error?.message ?? 'stored'}`));
  };
  return { file, commit, told, add };
}

test('what one turn appends is one write, and each who waits is told in order', async (t) => {
  const { file, add, told, commit } = open(t, false);
  for (const text of ['a', 'b', 'c']) add(text);
  t.is(commit.end, 3);
  t.deepEqual(file.writes, []);
  await nextTurn();
  add('d');
  await commit.settled();
  t.deepEqual(file.writes, ['abc', 'd']);
  t.deepEqual(told, ['a stored', 'b stored', 'c stored', 'd stored']);
  t.is(commit.settled(), undefined);
});

test('with fsync, all that is appended while the disk is busy shares the next sync', async (t) => {
  const { file, add, told } = open(t, true);
  add('a');
  await nextTurn();
  for (const text of ['b', 'c', 'd']) {
    add(text);
    await nextTurn();
  }
  t.deepEqual(file.writes, ['a', 'b', 'c', 'd']);
  t.is(file.syncs.length, 1);
  t.deepEqual(told, []);
  file.syncs[0]?.();
  t.deepEqual(told, ['a stored']);
  t.is(file.syncs.length, 2);
  file.syncs[1]?.();
  t.deepEqual(told, ['a stored', 'b stored', 'c stored', 'd stored']);
  t.is(file.syncs.length, 2);
});

test('with fsync, what nobody waits for goes with the next sync, and asking for it starts one', async (t) => {
  const { file, commit } = open(t, true);
  commit.append([Buffer.from('a')], 1);
  await nextTurn();
  t.is(file.syncs.length, 0);
  const settled = commit.settled();
  t.is(file.syncs.length, 1);
  file.syncs[0]?.();
  await settled;
  t.is(commit.settled(), undefined);
});

test('a write that the disk refuses is told to those who wait for it, and to nobody after it', async (t) => {
  const { file, add, told, commit } = open(t, false);
  const failures: string[] = [];
  commit.onFailure = ({ message }) => failures.push(message);
  add('a');
  await commit.settled();
  file.refusal = new Error('no space');
  add('b');
  await t.throwsAsync(async () => commit.settled(), { message: 'no space' });
  file.refusal = undefined;
  add('c');
  await commit.settled();
  t.deepEqual(told, ['a stored', 'b no space', 'c stored']);
  t.deepEqual(failures, ['no space']);
  t.is(readFileSync(file.path, 'utf8'), 'ac');
});

test('after a sync that failed nothing more is promised: the disk may have dropped what it was given', async (t) => {
  const { file, add, told } = open(t, true);
  add('a');
  await nextTurn();
  add('b');
  await nextTurn();
  file.syncs[0]?.(new Error('bad sector'));
  file.syncs[1]?.();
  add('c');
  await nextTurn();
  t.deepEqual(told, ['a bad sector', 'b bad sector', 'c bad sector']);
});

test('persisting writes at once, and tells those who wait at the end of the turn', async (t) => {
  const { file, add, told, commit } = open(t, false);
  add('a');
  t.is(commit.persist(), undefined);
  t.deepEqual(file.writes, ['a']);
  t.deepEqual(told, []);
  add('b');
  await commit.settled();
  t.deepEqual(told, ['a stored', 'b stored']);
});

test('finishing waits for every sync', async (t) => {
  const { file, add, told, commit } = open(t, true);
  add('a');
  await nextTurn();
  add('b');
  let isFinished = false;
  const finishing = commit.finish().then(() => {
    isFinished = true;
  });
  file.syncs[0]?.();
  await nextTurn();
  t.false(isFinished);
  file.syncs[1]?.();
  await finishing;
  t.deepEqual(told, ['a stored', 'b stored']);
});

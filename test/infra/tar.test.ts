import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { tarball } from '../../infra/tar.ts';

const execute = promisify(execFile);
const FILES = new Map<string, Uint8Array>([
  ['index.mjs', Buffer.from('export {};')],
  ['node_modules/a/b.node', Buffer.alloc(1_500, 7)],
  ['empty', Buffer.alloc(0)],
  ['block', Buffer.alloc(512, 1)],
]);

test('tar unpacks what was packed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-tar-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'archive.tgz'), tarball(FILES));
  await execute('tar', ['-xzf', 'archive.tgz'], { cwd: folder });
  for (const [path, content] of FILES)
    t.deepEqual(new Uint8Array(await readFile(join(folder, path))), new Uint8Array(content));
  t.is((await stat(join(folder, 'index.mjs'))).mode & 0o777, 0o644);
});

test('an archive depends on its content alone', (t) => {
  t.deepEqual(tarball(FILES), tarball(new Map([...FILES].reverse())));
  t.throws(() => tarball(new Map([['x'.repeat(101), Buffer.alloc(1)]])), { instanceOf: RangeError });
});

import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { clientOf, localStorage, objectOf } from './local-storage.ts';

const MAIN = join(import.meta.dirname, '../../../emulators/storage/main.ts');

interface Running {
  process: ChildProcess;
  origin: string;
}

async function run(t: ExecutionContext, dataDir: string): Promise<Running> {
  const child = fork(MAIN, [JSON.stringify({ port: 0, dataDir })], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [{ port }] = await once(child, 'message');
  return { process: child, origin: `http://127.0.0.1:${port}` };
}

async function kill({ process: child }: Running): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function folder(t: ExecutionContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-killed-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

test('what was acknowledged before a kill -9 is there after it', async (t) => {
  const dataDir = folder(t);
  const first = await run(t, dataDir);
  const [bucket] = await clientOf(first.origin).createBucket('survivor', { versioning: { enabled: true } });
  const kept = new Map<string, Buffer>();
  const writer = async (worker: number) => {
    for (let round = 0; ; round++) {
      const [name, bytes] = [`${worker}/${round % 5}`, randomBytes(2_000)];
      await bucket.file(name).save(bytes, { resumable: false });
      kept.set(name, bytes);
    }
  };
  const writers = [1, 2, 3, 4].map((worker) => writer(worker).catch(() => undefined));
  while (kept.size < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  await kill(first);
  await Promise.all(writers);
  const second = await run(t, dataDir);
  const after = clientOf(second.origin).bucket('survivor');
  for (const [name, bytes] of kept) {
    const [versions] = await after.getFiles({ prefix: name, versions: true });
    const contents = await Promise.all(versions.slice(-2).map(async (file) => (await file.download())[0]));
    // A write that the kill kept from being acknowledged may be there as well.
    t.true(
      contents.some((content) => content.equals(bytes)),
      name,
    );
  }
});

test('a resumable upload goes on after a kill -9, and its checksum is right', async (t) => {
  const dataDir = folder(t);
  const bytes = randomBytes(512 * 1024);
  const first = await run(t, dataDir);
  await clientOf(first.origin).createBucket('resumed');
  const started = await fetch(`${first.origin}/upload/storage/v1/b/resumed/o?uploadType=resumable&name=x`, {
    method: 'POST',
  });
  const path = new URL(started.headers.get('location') ?? '');
  const half = bytes.length / 2;
  const put = (origin: string, range: string, body: Uint8Array<ArrayBuffer>) =>
    fetch(`${origin}${path.pathname}${path.search}`, { method: 'PUT', headers: { 'content-range': range }, body });
  t.is((await put(first.origin, `bytes 0-${half - 1}/*`, bytes.subarray(0, half))).status, 308);
  await kill(first);
  const second = await run(t, dataDir);
  const last = await put(second.origin, `bytes ${half}-${bytes.length - 1}/${bytes.length}`, bytes.subarray(half));
  t.is(last.status, 200);
  const file = clientOf(second.origin).bucket('resumed').file('x');
  t.is((await objectOf(last)).md5Hash, createHash('md5').update(bytes).digest('base64'));
  t.true((await file.download())[0].equals(bytes));
});

test('bytes that no object names are removed at the start', async (t) => {
  const dataDir = folder(t);
  const { server, bucket } = await localStorage(t, { dataDir });
  await (await bucket()).file('named').save('x', { resumable: false });
  await server.close();
  writeFileSync(join(dataDir, 'content', 'left-by-a-kill'), 'half an upload');
  await localStorage(t, { dataDir });
  t.is(readdirSync(join(dataDir, 'content')).length, 1);
});

test('deleted for good, an object leaves no bytes behind', async (t) => {
  const { bucket, dataDir } = await localStorage(t, { softDeleteSeconds: 0 });
  const inside = await bucket();
  await inside.file('gone').save('x', { resumable: false });
  await inside.file('gone').copy('copy');
  t.is(readdirSync(join(dataDir, 'content')).length, 1);
  await inside.deleteFiles();
  while (readdirSync(join(dataDir, 'content')).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  t.pass();
});

test('a port that is taken is one clear line', async (t) => {
  const { server } = await localStorage(t);
  const error = await t.throwsAsync(localStorage(t, { port: server.port }));
  t.regex(error?.message ?? '', /port \d+ is taken/);
});

test('snapshots that are made while objects come and go lose none of them', async (t) => {
  const dataDir = folder(t);
  const { server, bucket } = await localStorage(t, { dataDir, compactBytes: 4_000 });
  const inside = await bucket({ versioning: { enabled: true } });
  const worker = async (name: string) => {
    for (let round = 0; round < 25; round++) {
      const file = inside.file(`${name}-${round % 3}`);
      await file.save(`${round}`, { resumable: false });
      if (round % 4 === 3) await inside.file(file.name, { generation: Number(file.metadata.generation) }).delete();
    }
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(worker));
  const listed = async (of: typeof inside) =>
    (await of.getFiles({ versions: true }))[0].map(({ metadata }) => [
      metadata.name,
      metadata.generation,
      metadata.timeDeleted,
    ]);
  const before = await listed(inside);
  await server.close();
  t.true(readdirSync(join(dataDir, 'metadata')).some((name) => name.startsWith('snapshot-')));
  const again = await localStorage(t, { dataDir });
  t.deepEqual(await listed(again.client.bucket(inside.name)), before);
});

test('with fsync, objects are written, chunked and read as without', async (t) => {
  const { bucket } = await localStorage(t, { fsync: true });
  const inside = await bucket();
  const bytes = randomBytes(600_000);
  await inside.file('chunked').save(bytes, { resumable: true, chunkSize: 256 * 1024 });
  await inside.file('whole').save(bytes, { resumable: false });
  for (const name of ['chunked', 'whole']) t.true((await inside.file(name).download())[0].equals(bytes));
});

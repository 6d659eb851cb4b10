import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Engine } from '../../../emulators/firestore/engine.ts';
import { codec } from '../../../emulators/firestore/proto.ts';
import { type FirestoreOptions, startFirestore } from '../../../emulators/firestore/server.ts';
import { readWrite } from '../../../emulators/firestore/write.ts';
import { clientOf, temporaryFolder } from './local-firestore.ts';

const MAIN = new URL('../../../emulators/firestore/main.ts', import.meta.url);
const ROOT = 'projects/p/databases/(default)/documents';

/** The service as the supervisor starts it: a process of its own. */
async function startProcess(
  t: ExecutionContext,
  options: FirestoreOptions,
): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(MAIN, [JSON.stringify(options)]);
  t.teardown(() => child.kill('SIGKILL'));
  const [{ port }] = (await once(child, 'message')) as [{ ready: true; port: number }];
  return { child, port };
}

test('the process answers stats, and ends with its parent', async (t) => {
  const { child, port } = await startProcess(t, { port: 0, dataDir: await temporaryFolder(t) });
  await clientOf(t, port).doc('c/a').set({ n: 1 });
  child.send({ id: 1, method: 'stats' });
  const [answer] = await once(child, 'message');
  t.deepEqual(answer, { id: 1, result: { documents: 1, listeners: 0 } });
  const gone = once(child, 'exit');
  child.disconnect();
  t.deepEqual(await gone, [0, null]);
});

test('a taken port is one clear line', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as { port: number };
  const starting = startFirestore({ port, dataDir: await temporaryFolder(t) });
  await t.throwsAsync(starting, { message: `port ${port} is taken: stop what uses it or pass --firestore-port` });
});

/** A store written without a server: document `c/N` for each commit. */
async function writtenStore(t: ExecutionContext, commits: number): Promise<{ dataDir: string; log: string }> {
  const dataDir = await temporaryFolder(t);
  const engine = new Engine({ dataDir, fsync: false });
  for (let n = 0; n < commits; n++) await put(engine, `c/${n}`, n);
  await engine.close();
  return { dataDir, log: join(dataDir, 'log-000000') };
}

async function put(engine: Engine, path: string, n: number): Promise<void> {
  await engine.commit([readWrite({ update: { name: `${ROOT}/${path}`, fields: { n: { integerValue: n } } } }, ROOT)]);
}

/** Every document as it goes over the wire. */
function contentOf(engine: Engine): string[] {
  const documents = [...engine.store.scan({ parent: ROOT, collectionId: 'c', allDescendants: false })];
  return documents.map((document) => Buffer.from(codec('Document').encode(document).finish()).toString('hex')).sort();
}

test('a last commit that was cut short is dropped, whatever is left of it', async (t) => {
  const { dataDir, log } = await writtenStore(t, 3);
  const { size } = await stat(log);
  const whole = await readFile(log);
  for (const missing of [1, 5, 20, 80]) {
    await writeFile(log, whole);
    await truncate(log, size - missing);
    const engine = new Engine({ dataDir, fsync: false });
    t.is(engine.store.live, 2);
    await put(engine, 'c/after', 1);
    await engine.close();
    const again = new Engine({ dataDir, fsync: false });
    t.is(again.store.live, 3);
    await again.close();
  }
});

test('a log damaged in its middle stops with the offset, and loses nothing that is whole', async (t) => {
  const { dataDir, log } = await writtenStore(t, 5);
  const whole = await readFile(log);
  for (const at of [0, 20, Math.floor(whole.length / 2)]) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
    await writeFile(log, bytes);
    t.throws(() => new Engine({ dataDir, fsync: false }), {
      message: /log-000000 is corrupt at offset \d+: .*truncate -s/,
    });
    t.deepEqual(await readFile(log), bytes);
  }
});

test('snapshots replace logs while commits go on, and hold what they held', async (t) => {
  const dataDir = await temporaryFolder(t);
  const engine = new Engine({ dataDir, fsync: false, compactBytes: 5_000 });
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 40 }, (_, n) => put(engine, `c/${n}`, round * 100 + n)));
    await engine.commit([readWrite({ delete: `${ROOT}/c/${round}` }, ROOT)]);
  }
  const content = contentOf(engine);
  await engine.close();
  const files = (await readdir(dataDir)).sort();
  t.is(files.filter((file) => file.startsWith('snapshot-')).length, 1, files.join());
  const again = new Engine({ dataDir, fsync: false });
  t.deepEqual(contentOf(again), content);
  await again.close();
});

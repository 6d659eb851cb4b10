import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bucket } from '@google-cloud/storage';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { type KmsServer, startKms } from '../../../emulators/kms/server.ts';
import { clientOf, localStorage, refusalOf } from './local-storage.ts';

const RING = 'projects/p/locations/l/keyRings/tenants';
const [ONE, TWO] = [`${RING}/cryptoKeys/one`, `${RING}/cryptoKeys/two`] as const;
const TEXT = 'a margin that nobody else may know';

async function kms(t: ExecutionContext): Promise<{ server: KmsServer; url: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-kms-'));
  const server = await startKms({ port: 0, dataDir });
  t.teardown(async () => {
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${server.port}`;
  for (const id of ['one', 'two']) {
    const made = await fetch(`${url}/v1/${RING}/cryptoKeys?cryptoKeyId=${id}`, { method: 'POST', body: '{}' });
    t.is(made.status, 200);
  }
  return { server, url };
}

async function sealing(t: ExecutionContext) {
  const { url: kmsUrl } = await kms(t);
  const local = await localStorage(t, { kmsUrl });
  return { ...local, kmsUrl, inside: await local.bucket({ softDeletePolicy: { retentionDurationSeconds: 0 } }) };
}

const onDisk = (dataDir: string): Buffer[] =>
  readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
const isReadable = (dataDir: string, text: string) => onDisk(dataDir).some((content) => content.includes(text));
const put = (bucket: Bucket, name: string, content: Buffer | string, kmsKeyName?: string) =>
  bucket.file(name, kmsKeyName === undefined ? {} : { kmsKeyName }).save(content, { resumable: false });
const textOf = async (bucket: Bucket, name: string) => String((await bucket.file(name).download())[0]);

test('what is kept under a key lies sealed on disk, and is read as it was put', async (t) => {
  const { dataDir, inside } = await sealing(t);
  await put(inside, 'sealed', TEXT, ONE);
  t.false(isReadable(dataDir, TEXT));
  t.is(await textOf(inside, 'sealed'), TEXT);
  const [metadata] = await inside.file('sealed').getMetadata();
  t.is(metadata.kmsKeyName, `${ONE}/cryptoKeyVersions/1`);
  t.is(Number(metadata.size), TEXT.length);
  await put(inside, 'open', TEXT);
  t.true(isReadable(dataDir, TEXT));
});

test('every range of sealed bytes is the range of the bytes', async (t) => {
  const { inside } = await sealing(t);
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) % 251));
  await put(inside, 'long', bytes, ONE);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(bytes.length - 1), async (left, right) => {
      const [start, end] = left < right ? [left, right] : [right, left];
      const [part] = await inside.file('long').download({ start, end, validation: false });
      return part.equals(bytes.subarray(start, end + 1));
    }),
    {
      numRuns: 25,
      examples: [
        [0, 65_535],
        [65_535, 65_536],
        [65_536, 131_071],
        [199_999, 199_999],
      ],
    },
  );
});

test('a copy is sealed by the key of its own, or by none', async (t) => {
  const { dataDir, inside } = await sealing(t);
  await put(inside, 'first', TEXT, ONE);
  await inside.file('first').copy(inside.file('second', { kmsKeyName: TWO }));
  t.is(await textOf(inside, 'second'), TEXT);
  await inside.file('first').delete();
  t.is(await textOf(inside, 'second'), TEXT);
  t.false(isReadable(dataDir, TEXT));
  await put(inside, 'more', ', indeed', TWO);
  await inside.combine(['second', 'more'], 'both');
  t.is(await textOf(inside, 'both'), `${TEXT}, indeed`);
  t.true(isReadable(dataDir, TEXT), 'the composed object has no key');
});

test('an upload in pieces, and an empty one, are sealed too', async (t) => {
  const { dataDir, inside } = await sealing(t);
  const long = TEXT.repeat(20_000);
  await inside.file('pieces', { kmsKeyName: ONE }).save(long, { resumable: true, chunkSize: 256 * 1024 });
  t.is(await textOf(inside, 'pieces'), long);
  await put(inside, 'empty', '', ONE);
  t.is(await textOf(inside, 'empty'), '');
  t.false(isReadable(dataDir, TEXT));
});

test('what is sealed outlives a restart', async (t) => {
  const { dataDir, inside, server, kmsUrl } = await sealing(t);
  await put(inside, 'kept', TEXT, ONE);
  await server.close();
  const again = await localStorage(t, { dataDir, kmsUrl });
  t.is(await textOf(clientOf(again.origin).bucket(inside.name), 'kept'), TEXT);
});

test('without its key nothing can be read, and with a key that is not there nothing can be put: it is refused', async (t) => {
  const { inside, kmsUrl } = await sealing(t);
  await put(inside, 'lost', TEXT, ONE);
  await fetch(`${kmsUrl}/v1/${ONE}/cryptoKeyVersions/1:destroy`, { method: 'POST', body: '{}' });
  t.is((await refusalOf(inside.file('lost').download())).code, 403);
  t.is((await refusalOf(put(inside, 'new', TEXT, `${RING}/cryptoKeys/none`))).code, 403);
  t.deepEqual(
    (await inside.getFiles())[0].map(({ name }) => name),
    ['lost'],
  );
});

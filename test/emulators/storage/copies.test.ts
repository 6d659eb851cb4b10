import { randomBytes } from 'node:crypto';
import test from 'ava';
import { localStorage, objectOf, refusalOf } from './local-storage.ts';

const MIB = 1 << 20;

test('compose joins objects in the order given, and has no MD5', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const parts = [inside.file('1'), inside.file('2')];
  await parts[0]?.save('grain, ', { resumable: false, contentType: 'text/plain' });
  await parts[1]?.save('ore', { resumable: false });
  await inside.combine(parts, inside.file('both'));
  const [metadata] = await inside.file('both').getMetadata();
  t.is(metadata.componentCount, 2);
  t.is(metadata.md5Hash, undefined);
  t.is(String((await inside.file('both').download())[0]), 'grain, ore');
});

test('compose of a source that is not there, or is another generation, is refused', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  await inside.file('here').save('x', { resumable: false });
  const compose = (sourceObjects: object[]) =>
    fetch(`${origin}/storage/v1/b/${inside.name}/o/all/compose`, {
      method: 'POST',
      body: JSON.stringify({ sourceObjects }),
    });
  t.is((await compose([{ name: 'missing' }])).status, 404);
  t.is((await compose([{ name: 'here', objectPreconditions: { ifGenerationMatch: '1' } }])).status, 412);
  t.is((await compose([])).status, 400);
  t.is((await compose(Array.from({ length: 33 }, () => ({ name: 'here' })))).status, 400);
});

test('a copy has the metadata of its source, or what it is given instead', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('source');
  await file.save('x', { resumable: false, metadata: { contentType: 'a/b', metadata: { lot: '7' } } });
  const [same] = await file.copy('same');
  t.like((await same.getMetadata())[0], { contentType: 'a/b', metadata: { lot: '7' } });
  const [other] = await file.copy('other', { metadata: { grade: 'A' } });
  t.deepEqual((await other.getMetadata())[0].metadata, { grade: 'A' });
});

test('a copy lives on when its source is deleted for good', async (t) => {
  const { bucket } = await localStorage(t, { softDeleteSeconds: 0 });
  const inside = await bucket();
  const bytes = randomBytes(10_000);
  await inside.file('source').save(bytes, { resumable: false });
  await inside.file('source').copy('copy');
  await inside.file('source').delete();
  t.true((await inside.file('copy').download())[0].equals(bytes));
});

test('a rewrite to another place goes on with a token until all bytes are there', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const from = await bucket({ location: 'EU' });
  const to = await bucket({ location: 'US' });
  await from.file('big').save(Buffer.alloc(2 * MIB + 1), { resumable: false });
  const url = `${origin}/storage/v1/b/${from.name}/o/big/rewriteTo/b/${to.name}/o/copy?maxBytesRewrittenPerCall=${MIB}`;
  const rewritten: unknown[] = [];
  let token = '';
  for (let done = false; !done; ) {
    const answer = await objectOf(await fetch(`${url}${token}`, { method: 'POST' }));
    rewritten.push(answer.totalBytesRewritten);
    done = answer.done === true;
    token = `&rewriteToken=${String(answer.rewriteToken)}`;
  }
  t.deepEqual(rewritten, [String(MIB), String(2 * MIB), String(2 * MIB + 1)]);
  t.true((await to.file('copy').exists())[0]);
});

test('a change of storage class is a rewrite in place', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('colder');
  await file.save('x', { resumable: false });
  await file.setStorageClass('nearline');
  t.is((await file.getMetadata())[0].storageClass, 'NEARLINE');
  t.is((await refusalOf(file.setMetadata({ storageClass: 'ARCHIVE' }))).code, 400);
});

test('a move leaves one object, under its new name', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  await inside.file('before').save('x', { resumable: false, metadata: { metadata: { lot: '7' } } });
  await inside.file('before').moveFileAtomic('after');
  const [files] = await inside.getFiles();
  t.deepEqual(
    files.map(({ name }) => name),
    ['after'],
  );
  t.deepEqual(files[0]?.metadata.metadata, { lot: '7' });
});

test('a copy whose source condition does not hold is refused', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  await inside.file('source').save('x', { resumable: false });
  const url = `${origin}/storage/v1/b/${inside.name}/o/source/copyTo/b/${inside.name}/o/copy`;
  t.is((await fetch(`${url}?ifSourceGenerationMatch=1`, { method: 'POST' })).status, 412);
  t.is((await fetch(`${url}?sourceGeneration=1`, { method: 'POST' })).status, 404);
});

import test from 'ava';
import { localStorage } from './local-storage.ts';

test('unlike the real one, the JSON API asks nobody who they are', async (t) => {
  const { origin } = await localStorage(t);
  const made = await fetch(`${origin}/storage/v1/b?project=anything`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'lots' }),
  });
  t.is(made.status, 200);
  const written = await fetch(`${origin}/upload/storage/v1/b/lots/o?uploadType=media&name=a.txt`, {
    method: 'POST',
    body: 'tonnes',
  });
  t.is(written.status, 200);
});

test('unlike the real one, the names of buckets are taken by nobody else', async (t) => {
  const { client } = await localStorage(t);
  await t.notThrowsAsync(client.createBucket('test'));
});

test('unlike the real one, every bucket and class is kept in the same folder, wherever its location says', async (t) => {
  const { client, bucket } = await localStorage(t);
  const near = await bucket({ location: 'europe-west3' });
  const far = await bucket({ location: 'ASIA', storageClass: 'ARCHIVE' });
  await near.file('a.txt').save('tonnes', { resumable: false });
  await near.file('a.txt').copy(client.bucket(far.name).file('a.txt'));
  t.is((await far.file('a.txt').download())[0].toString(), 'tonnes');
});

import { randomBytes } from 'node:crypto';
import test from 'ava';
import { localStorage, refusalOf } from './local-storage.ts';

test('an object that all users may read is read without a signature', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('open');
  await file.save('x', { resumable: false });
  t.false((await file.isPublic())[0]);
  await file.makePublic();
  t.true((await file.isPublic())[0]);
  await file.makePrivate();
  t.false((await file.isPublic())[0]);
});

test('access control lists are added to, changed and taken from', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const entity = 'user-trader@example.com';
  for (const acl of [inside.acl, inside.acl.default]) {
    t.like((await acl.add({ entity, role: 'READER' }))[0], { entity, role: 'READER' });
    await acl.update({ entity, role: 'OWNER' });
    t.like((await acl.get({ entity }))[0], { role: 'OWNER' });
    await acl.delete({ entity });
    t.is((await refusalOf(acl.get({ entity }))).code, 404);
  }
  t.is((await refusalOf(inside.acl.add({ entity: 'nobody', role: 'READER' }))).code, 400);
  t.is((await refusalOf(inside.acl.default.add({ entity, role: 'WRITER' }))).code, 400);
});

test('uniform access does away with lists, and keeps what was in them', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('listed');
  await file.save('x', { resumable: false });
  const [before] = await file.acl.get();
  await inside.setMetadata({ iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } });
  t.is((await refusalOf(file.acl.get())).code, 400);
  t.is((await refusalOf(inside.acl.get())).code, 400);
  await inside.setMetadata({ iamConfiguration: { uniformBucketLevelAccess: { enabled: false } } });
  t.deepEqual((await file.acl.get())[0], before);
});

test('public access prevention keeps everybody out', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('closed');
  await file.save('x', { resumable: false });
  await inside.setMetadata({ iamConfiguration: { publicAccessPrevention: 'enforced' } });
  t.is((await refusalOf(file.makePublic())).code, 412);
  t.is((await refusalOf(inside.makePublic())).code, 412);
  t.is((await refusalOf(inside.setMetadata({ iamConfiguration: { publicAccessPrevention: 'maybe' } }))).code, 400);
});

test('a policy of an older version is not set over a newer one', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const [first] = await inside.iam.getPolicy();
  const policy = { ...first, bindings: [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }] };
  await inside.iam.setPolicy(policy);
  t.is((await refusalOf(inside.iam.setPolicy(policy))).code, 412);
  await inside.file('seen').save('x', { resumable: false });
  t.true((await inside.file('seen').isPublic())[0]);
});

test('a conditional binding needs version 3 and uniform access', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const condition = { title: 'always', description: '', expression: 'true' };
  const bindings = [{ role: 'roles/storage.objectViewer', members: ['user:a@b.c'], condition }];
  t.is((await refusalOf(inside.iam.setPolicy({ bindings, version: 3 }))).code, 400);
  await inside.setMetadata({ iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } });
  t.is((await refusalOf(inside.iam.setPolicy({ bindings, version: 1 }))).code, 400);
  await inside.iam.setPolicy({ bindings, version: 3 });
  t.deepEqual((await inside.iam.getPolicy({ requestedPolicyVersion: 3 }))[0].bindings, bindings);
});

test('bytes under a customer key are given to who has the key', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const key = randomBytes(32);
  const file = inside.file('secret', { encryptionKey: key });
  await file.save('under key', { resumable: false });
  t.is(String((await file.download())[0]), 'under key');
  const [plain] = await inside.file('secret').getMetadata();
  t.is(plain.crc32c, undefined);
  t.is(plain.customerEncryption?.encryptionAlgorithm, 'AES256');
  t.is((await refusalOf(inside.file('secret').download())).code, 400);
  const wrong = inside.file('secret', { encryptionKey: randomBytes(32) });
  t.regex((await refusalOf(wrong.download())).message, /encryption key is incorrect/);
});

test('rotating a customer key leaves the bytes and locks the old key out', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const file = inside.file('rotated', { encryptionKey: old });
  await file.save('bytes', { resumable: false });
  await file.rotateEncryptionKey(fresh);
  t.is(String((await inside.file('rotated', { encryptionKey: fresh }).download())[0]), 'bytes');
  t.is((await refusalOf(inside.file('rotated', { encryptionKey: old }).download())).code, 400);
});

test('a key whose hash is another is refused', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const { name } = await bucket();
  const answer = await fetch(`${origin}/upload/storage/v1/b/${name}/o?uploadType=media&name=x`, {
    method: 'POST',
    body: 'x',
    headers: {
      'x-goog-encryption-algorithm': 'AES256',
      'x-goog-encryption-key': randomBytes(32).toString('base64'),
      'x-goog-encryption-key-sha256': randomBytes(32).toString('base64'),
    },
  });
  t.is(answer.status, 400);
});

test('a page of an origin that the configuration names may read the answer, another may not', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  await inside.setCorsConfiguration([
    { origin: ['https://desk.example'], method: ['GET'], responseHeader: ['content-type'], maxAgeSeconds: 60 },
  ]);
  const ask = (from: string) =>
    fetch(`${origin}/${inside.name}/x`, {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'GET' },
    });
  const allowed = await ask('https://desk.example');
  t.is(allowed.headers.get('access-control-allow-origin'), 'https://desk.example');
  t.is(allowed.headers.get('access-control-max-age'), '60');
  t.is((await ask('https://other.example')).headers.get('access-control-allow-origin'), null);
});

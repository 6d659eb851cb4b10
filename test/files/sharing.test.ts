import { randomUUID } from 'node:crypto';
import test from 'ava';
import { changePermissions, deleteFile, downloadFile, getFile, listFiles } from '#contracts/files/api.ts';
import type { Harness, TestCaller } from '../support/harness.ts';
import { asked, fileOf, someone, startFiles, uploaded } from './setup.ts';

let harness: Harness;
test.before(async () => {
  harness = await startFiles();
});
test.after.always(() => harness?.close());

const share = (as: TestCaller, id: string, permissions: object[]) =>
  harness.request(changePermissions, { id, permissions }, { as });
const statuses = async (as: TestCaller, id: string) => ({
  get: (await harness.request(getFile, { id }, { as })).status,
  download: (await harness.request(downloadFile, { id }, { as })).status,
  share: (await share(as, id, [])).status,
  delete: (await harness.request(deleteFile, { id }, { as })).status,
});
const listed = async (as: TestCaller, filter: Record<string, unknown> = {}) =>
  ((await harness.request(listFiles, filter, { as })).body.files as { fileId: string }[]).map(({ fileId }) => fileId);

const NOWHERE = { get: 404, download: 404, share: 404, delete: 404 };

test.serial('to another organisation a file does not exist, whoever asks', async (t) => {
  const owner = someone();
  const id = await uploaded(harness, owner, 'ours');
  const others = [someone(), someone({ id: 'owner', roles: ['organization-admin'] })];
  for (const other of others) {
    t.deepEqual(await statuses(other, id), NOWHERE);
    t.deepEqual(await listed(other), []);
  }
  t.deepEqual(await statuses(others[0] ?? owner, randomUUID()), NOWHERE, 'as one that never was');
  t.is((await fileOf(harness, owner, id)).state, 'clean');
});

test.serial('to a colleague it does not exist either until it is shared', async (t) => {
  const owner = someone();
  const colleague = { ...owner, id: 'colleague' };
  const id = await uploaded(harness, owner, 'mine');
  t.deepEqual(await statuses(colleague, id), NOWHERE);
  t.deepEqual(await listed(colleague), []);

  t.is((await share(owner, id, [{ user: 'colleague', access: 'read' }])).status, 200);
  t.deepEqual(await statuses(colleague, id), { get: 200, download: 200, share: 403, delete: 403 });
  t.deepEqual(await listed(colleague), [id]);
  t.is((await fileOf(harness, colleague, id)).permissions, undefined, 'who else may is told to those who decide it');
  t.deepEqual((await fileOf(harness, owner, id)).permissions, [{ user: 'colleague', access: 'read' }]);

  t.is((await share(owner, id, [])).status, 200);
  t.deepEqual(await statuses(colleague, id), NOWHERE, 'and no longer');
});

test.serial('a file may be shared with a role; who may write may delete', async (t) => {
  const owner = someone();
  const [trader, viewer, nobody] = ['trader', 'viewer', 'other'].map((role) => ({
    ...owner,
    id: `${role}-1`,
    roles: [role],
  }));
  if (trader === undefined || viewer === undefined || nobody === undefined) throw new Error('three of them');
  const id = await uploaded(harness, owner, 'ours');
  await share(owner, id, [
    { role: 'viewer', access: 'read' },
    { role: 'trader', access: 'write' },
  ]);
  t.deepEqual(await statuses(nobody, id), NOWHERE);
  t.like(await statuses(viewer, id), { get: 200, delete: 403 });
  t.deepEqual(await statuses(trader, id), { get: 200, download: 200, share: 403, delete: 200 });
});

test.serial('an administrator may do with every file what its owner may', async (t) => {
  const owner = someone();
  const administrator = { ...owner, id: 'boss', roles: ['organization-admin'] };
  const id = await uploaded(harness, owner, 'ours');
  t.deepEqual(await listed(administrator), [id]);
  t.deepEqual(await statuses(administrator, id), { get: 200, download: 200, share: 200, delete: 200 });
});

test.serial('files are found by what is known of them, page by page', async (t) => {
  const owner = someone();
  const ids: string[] = [];
  for (const [place, name] of [
    'Crush margins.xlsx',
    'crush notes.txt',
    'Weather.png',
    'crush 2020.txt',
    'x_%.txt',
  ].entries())
    ids.push(
      (
        await asked(harness, owner, `file ${place}`, {
          name,
          contentType: name.endsWith('txt') ? 'text/plain' : 'application/octet-stream',
          labels: { desk: place % 2 === 0 ? 'soy' : 'corn', year: '2020' },
        })
      ).fileId,
    );
  const [margins, notes, weather, crush2020, odd] = ids;
  const latestFirst = ids.toReversed();
  t.deepEqual(await listed(owner), latestFirst);
  t.deepEqual(await listed(owner, { name: 'CRUSH' }), [crush2020, notes, margins]);
  t.deepEqual(await listed(owner, { name: '_%' }), [odd], 'signs mean themselves');
  t.deepEqual(await listed(owner, { contentType: 'text/plain', labels: 'desk:corn' }), [crush2020, notes]);
  t.deepEqual(await listed(owner, { labels: 'desk:soy,year:2020', name: 'weather' }), [weather]);
  t.deepEqual(await listed(owner, { state: 'clean' }), []);
  t.deepEqual(await listed(owner, { createdBefore: '2020-01-01T00:00:00Z' }), []);
  t.is((await listed(owner, { createdFrom: '2020-01-01T00:00:00Z', ownerId: 'owner' })).length, 5);

  const paged: string[] = [];
  let after: string | undefined;
  do {
    const { body } = await harness.request(
      listFiles,
      { limit: 2, ...(after === undefined ? {} : { after }) },
      { as: owner },
    );
    paged.push(...body.files.map(({ fileId }: { fileId: string }) => fileId));
    t.true(body.files.length <= 2);
    after = body.next;
  } while (after !== undefined);
  t.deepEqual(paged, latestFirst);

  for (const wrong of [{ after: 'nonsense' }, { labels: 'no colon' }, { limit: 0 }, { kind: 'poem' }])
    t.is((await harness.request(listFiles, wrong, { as: owner })).status, 400, JSON.stringify(wrong));
});

test.serial('a deleted file is no longer listed, and its owner is told what became of it', async (t) => {
  const owner = someone();
  const id = await uploaded(harness, owner, 'gone');
  await harness.request(deleteFile, { id }, { as: owner });
  t.deepEqual(await listed(owner), []);
  t.is((await fileOf(harness, owner, id)).state, 'deleted');
  t.is((await harness.request(downloadFile, { id }, { as: owner })).status, 404);
});

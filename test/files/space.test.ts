import test from 'ava';
import fc from 'fast-check';
import { deleteFile, getStorageUsage, uploadFile } from '#contracts/files/api.ts';
import type { Harness } from '../support/harness.ts';
import { ask, asked, FILES, fileOf, objectsOf, put, sha256Of, someone, startFiles, uploaded } from './setup.ts';

let harness: Harness;
test.before(async () => {
  harness = await startFiles();
});
test.after.always(() => harness?.close());

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

const usageOf = async (as: ReturnType<typeof someone>) =>
  (await harness.request(getStorageUsage, {}, { as })).body as Record<string, number>;

/** What was agreed with an organisation beside its plan. */
const agree = (tenant: string, bytes: number) =>
  harness.sql`insert into files.storage_quotas (tenant, agreed_bytes) values (${tenant}, ${bytes})
    on conflict (tenant) do update set agreed_bytes = excluded.agreed_bytes`;

test.serial('an upload holds its space from when it is asked for', async (t) => {
  const owner = someone({ plan: 'standard' });
  t.like(await usageOf(owner), { usedBytes: 0, reservedBytes: 0, quotaBytes: 5 * GiB, bytesLeft: 5 * GiB, files: 0 });
  await asked(harness, owner, 'x', { bytes: 100 * MiB });
  t.like(await usageOf(owner), { usedBytes: 0, reservedBytes: 100 * MiB, bytesLeft: 5 * GiB - 100 * MiB, files: 0 });
  await uploaded(harness, owner, 'twelve bytes');
  t.like(await usageOf(owner), { usedBytes: 12, reservedBytes: 100 * MiB, files: 1 });
});

test.serial('what does not fit is refused with 413 and the bytes that are left', async (t) => {
  const owner = someone();
  await agree(owner.tenant, 100);
  await uploaded(harness, owner, 'x'.repeat(60));
  const { status, body } = await ask(harness, owner, 'y'.repeat(41));
  t.is(status, 413);
  t.like(body, { code: 'storage-quota-exceeded', status: 413, bytesLeft: 40 });
  t.regex(body.detail, /40/);
  t.is((await ask(harness, owner, 'y'.repeat(40))).status, 201, 'what just fits is taken');
  t.like((await ask(harness, owner, 'z')).body, { code: 'storage-quota-exceeded', bytesLeft: 0 });
});

test.serial('a file larger than the plan takes is refused with 413, whatever space there is', async (t) => {
  const { status, body } = await ask(harness, someone({ plan: 'enterprise' }), 'x', { bytes: 2 * GiB });
  t.is(status, 413);
  t.is(body.code, 'too-large');
});

test.serial('plans give more or less space', async (t) => {
  const quotas = await Promise.all(
    ['standard', 'professional', 'enterprise', 'never heard of'].map(
      async (plan) => (await usageOf(someone({ plan }))).quotaBytes,
    ),
  );
  t.deepEqual(quotas, [5 * GiB, 100 * GiB, 1024 * GiB, 5 * GiB]);
});

test.serial('uploads that are asked for at the same time do not pass the quota together', async (t) => {
  const owner = someone();
  await agree(owner.tenant, 1_000);
  const answers = await Promise.all(Array.from({ length: 24 }, () => ask(harness, owner, 'z', { bytes: 100 })));
  t.is(answers.filter(({ status }) => status === 201).length, 10);
  const refused = answers.filter(({ status }) => status === 413);
  t.is(refused.length, 14);
  t.true(refused.every(({ body }) => body.bytesLeft === 0));
  t.like(await usageOf(owner), { reservedBytes: 1_000, bytesLeft: 0 });
});

test.serial('a request that is repeated with its key takes its space once', async (t) => {
  const owner = someone();
  const request = { name: 'a', contentType: 'text/plain', bytes: 100, sha256: sha256Of('x') };
  const headers = { 'idempotency-key': 'the same' };
  const first = await harness.request(uploadFile, request, { as: owner, headers });
  const second = await harness.request(uploadFile, request, { as: owner, headers });
  t.is(first.status, 201);
  t.is(second.body.fileId, first.body.fileId);
  t.is((await usageOf(owner)).reservedBytes, 100);
});

test.serial('deleting gives space back and removes the object for good', async (t) => {
  const owner = someone();
  const id = await uploaded(harness, owner, 'to be deleted');
  const { status, body } = await harness.request(deleteFile, { id }, { as: owner });
  t.is(status, 200);
  t.deepEqual(body, { fileId: id, state: 'deleted' });
  t.like(await usageOf(owner), { usedBytes: 0, reservedBytes: 0, files: 0 });
  t.deepEqual(await objectsOf(harness, 'files', owner), [], 'older versions are gone as well');
  t.like((await harness.published('files.file.deleted'))[0]?.data, { fileId: id });
  t.is((await harness.request(deleteFile, { id }, { as: owner })).status, 200, 'again');
  t.like(await usageOf(owner), { usedBytes: 0, reservedBytes: 0, files: 0 });
  t.deepEqual(await harness.published('files.file.deleted'), []);
});

test.serial('an upload that is given up gives its space back, and bytes that come after all are removed', async (t) => {
  const owner = someone();
  const answer = await asked(harness, owner, 'late');
  await harness.request(deleteFile, { id: answer.fileId }, { as: owner });
  t.is((await usageOf(owner)).reservedBytes, 0);
  t.is(await put(answer, 'late'), 200);
  await harness.settle({ only: FILES });
  t.deepEqual(await objectsOf(harness, 'uploads', owner), []);
  t.is((await fileOf(harness, owner, answer.fileId)).state, 'deleted');
});

test.serial('an upload that never comes gives its space back when its time is over', async (t) => {
  const owner = someone();
  const { fileId } = await asked(harness, owner, 'never');
  const here = await uploaded(harness, owner, 'here');
  await harness.sql`update files.timers set due = date_trunc('second', now()) - interval '1 second' where tenant = ${owner.tenant}`;
  t.is(await harness.schedule('files-sweep'), 204);
  t.like(await usageOf(owner), { usedBytes: 4, reservedBytes: 0, files: 1 });
  t.is((await fileOf(harness, owner, fileId)).state, 'deleted');
  t.is((await fileOf(harness, owner, here)).state, 'clean');
  t.like((await harness.published('files.file.deleted'))[0]?.data, { fileId });
});

test.serial('whatever is asked for, put and deleted: the space taken is that of the files there are', async (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('ask' as const), bytes: fc.integer({ min: 1, max: 60 }), come: fc.boolean() }),
    fc.record({ kind: fc.constant('wrong' as const), bytes: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ kind: fc.constant('delete' as const), which: fc.nat({ max: 20 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      const owner = someone();
      await agree(owner.tenant, 100);
      const held = new Map<string, { bytes: number; state: 'waits' | 'clean' | 'quarantined' }>();
      const sum = (state: string) =>
        [...held.values()].reduce((total, each) => total + (each.state === state ? each.bytes : 0), 0);
      for (const each of steps) {
        if (each.kind === 'delete') {
          const id = [...held.keys()][each.which % Math.max(1, held.size)];
          if (id === undefined) continue;
          await harness.request(deleteFile, { id }, { as: owner });
          held.delete(id);
        } else {
          const bytes = 'b'.repeat(each.bytes);
          const { status, body } = await ask(harness, owner, bytes);
          const left = 100 - sum('clean') - sum('waits');
          t.is(status, each.bytes <= left ? 201 : 413);
          if (status === 413) {
            t.is(body.bytesLeft, left);
            continue;
          }
          const comes = each.kind === 'wrong' || each.come;
          if (comes) await put(body, each.kind === 'wrong' ? 'w'.repeat(each.bytes) : bytes);
          await harness.settle({ only: FILES });
          held.set(body.fileId, {
            bytes: each.bytes,
            state: each.kind === 'wrong' ? 'quarantined' : each.come ? 'clean' : 'waits',
          });
        }
        t.like(await usageOf(owner), {
          usedBytes: sum('clean'),
          reservedBytes: sum('waits'),
          files: [...held.values()].filter(({ state }) => state === 'clean').length,
        });
      }
    }),
    { numRuns: 6 },
  );
});

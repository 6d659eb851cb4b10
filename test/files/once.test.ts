import { randomUUID } from 'node:crypto';
import test from 'ava';
import { deleteFile, getStorageUsage } from '#contracts/files/api.ts';
import { fileUploaded, objectArrived } from '#contracts/files/events.ts';
import type { Harness, TestCaller } from '../support/harness.ts';
import { fakeClamd } from './scanning/fake-clamd.ts';
import {
  type Asked,
  asked,
  bucketOf,
  FILES,
  fileOf,
  objectsOf,
  put,
  sha256Of,
  someone,
  startFiles,
  uploaded,
} from './setup.ts';

/** Where clamd is; nowhere unless a test has one. */
const variables: Record<string, string> = { CLAMD_HOST: '' };
let harness: Harness;
test.before(async () => {
  harness = await startFiles(variables);
});
test.afterEach.always(() => {
  variables.CLAMD_HOST = '';
});
test.after.always(() => harness?.close());

interface Arrived extends Asked {
  owner: TestCaller;
  /** Of the object among the uploads. */
  generation: string;
  object: string;
  bucket: string;
}

/** A file whose bytes are there, and of which nobody has been told. */
async function arrived(bytes: string, declared: Record<string, unknown> = {}): Promise<Arrived> {
  const owner = someone();
  const answer = await asked(harness, owner, bytes, declared);
  await put(answer, bytes);
  const object = `${owner.tenant}/${answer.fileId}`;
  const bucket = await bucketOf(harness, 'uploads');
  const [{ generation }] = await bucket.file(object).getMetadata();
  return { ...answer, owner, generation: String(generation), object, bucket: bucket.name };
}

const tell = ({ bucket, object, generation }: Arrived) =>
  harness.tell('files-take-object', {
    eventType: 'OBJECT_FINALIZE',
    bucketId: bucket,
    objectId: object,
    objectGeneration: generation,
  });

const at = new Date().toISOString();
const arrival = ({ fileId, bucket, object, generation }: Arrived) => ({ fileId, bucket, object, generation, at });
const upload = (file: Arrived) => {
  const { fileId, bucket, object, generation, owner } = file;
  return { fileId, ownerId: owner.id ?? '', bucket, object, generation, uploadedAt: at };
};

const typesOf = (published: { type: string }[]) =>
  published.map(({ type }) => type).filter((type) => type.startsWith('files.file.'));

/** Where a file's bytes lie, in whichever version. */
const placesOf = async ({ owner }: Pick<Arrived, 'owner'>) =>
  Object.fromEntries(
    await Promise.all(
      (['uploads', 'files', 'quarantine'] as const).map(async (name) => [
        name,
        (await objectsOf(harness, name, owner)).length,
      ]),
    ),
  );
const RELEASED = { uploads: 0, files: 1, quarantine: 0 };
const NOWHERE = { uploads: 0, files: 0, quarantine: 0 };

test.serial('a notification that comes again has no effect again, at whatever time', async (t) => {
  const file = await arrived('once');
  t.is(await tell(file), 200);
  t.is(await tell(file), 200);
  const first = await harness.settle({ only: FILES });
  t.deepEqual(typesOf(first), ['files.file.uploaded', 'files.file.scanned']);
  t.is(await tell(file), 200);
  t.deepEqual(typesOf(await harness.settle({ only: FILES })), []);
  t.like(await fileOf(harness, file.owner, file.fileId), { state: 'clean' });
  t.deepEqual(await placesOf(file), RELEASED);
});

test.serial('what publishes an event twice under different ids has its effect once', async (t) => {
  const file = await arrived('twice');
  for (let times = 0; times < 2; times += 1)
    t.is(
      await harness.deliver('files-on-object-arrived', objectArrived, arrival(file), { tenant: file.owner.tenant }),
      204,
    );
  for (let times = 0; times < 2; times += 1)
    t.is(
      await harness.deliver('files-on-file-uploaded', fileUploaded, upload(file), { tenant: file.owner.tenant }),
      204,
    );
  const published = await harness.settle({ only: FILES });
  t.deepEqual(typesOf(published), ['files.file.uploaded', 'files.file.scanned']);
  t.deepEqual(await placesOf(file), RELEASED);
  t.like((await harness.request(getStorageUsage, {}, { as: file.owner })).body, { usedBytes: 5, reservedBytes: 0 });
});

test.serial('two scans of the same upload at the same time release it once', async (t) => {
  const file = await arrived('a race');
  const { tenant } = file.owner;
  await harness.deliver('files-on-object-arrived', objectArrived, arrival(file), { tenant });
  const statuses = await Promise.all(
    [1, 2, 3].map(() => harness.deliver('files-on-file-uploaded', fileUploaded, upload(file), { tenant })),
  );
  // One that finds the upload gone before it has read it is no failure either: the verdict stands.
  t.deepEqual(statuses, [204, 204, 204]);
  t.deepEqual(typesOf(await harness.settle({ only: FILES })), ['files.file.uploaded', 'files.file.scanned']);
  t.like(await fileOf(harness, file.owner, file.fileId), { state: 'clean' });
  t.deepEqual(await placesOf(file), RELEASED);
});

test.serial('an attempt that died between its copy and its commit is taken up where it was', async (t) => {
  const file = await arrived('half way');
  const copy = (await bucketOf(harness, 'files')).file(file.object);
  await (await bucketOf(harness, 'uploads')).file(file.object).copy(copy);
  const [{ generation }] = await copy.getMetadata();
  await harness.settle({ only: FILES });
  t.like(await fileOf(harness, file.owner, file.fileId), { state: 'clean' });
  t.deepEqual(await placesOf(file), RELEASED);
  const [{ generation: after }] = await copy.getMetadata();
  t.is(after, generation, 'it is the copy that was there');
});

test.serial('a removal that did not happen is made up for by the sweep', async (t) => {
  const file = await arrived('removed late');
  await harness.deliver('files-on-object-arrived', objectArrived, arrival(file), { tenant: file.owner.tenant });
  // As a process leaves it that is killed after its commit.
  await harness.sql`update files.file_metadata set state = 'deleted', generation = null where file_id = ${file.fileId}`;
  await harness.sql`
    insert into files.effects (tenant, name, client_id, function, cause, caused_at, traceparent, request)
    values (${file.owner.tenant}, 'remove-object', ${randomUUID()}, 'files-delete-file', ${randomUUID()}, now(),
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      ${harness.sql.json({ bucket: 'uploads', object: file.object, generation: file.generation })})`;
  t.is((await placesOf(file)).uploads, 1);
  t.is(await harness.schedule('files-sweep'), 204);
  t.deepEqual(await placesOf(file), NOWHERE);
});

test.serial('what is put where a file was is not the file', async (t) => {
  const file = await arrived('the file');
  await harness.settle({ only: FILES });
  // The address is good for a while, and the place it names is free again.
  t.is(await put(file, 'the fake'), 200);
  t.deepEqual(typesOf(await harness.settle({ only: FILES })), []);
  const known = await fileOf(harness, file.owner, file.fileId);
  t.like(known, { state: 'clean', sha256: sha256Of('the file') });
  t.deepEqual(await placesOf(file), RELEASED, 'and it is gone again');
  const [bytes] = await (await bucketOf(harness, 'files')).file(file.object).download();
  t.is(bytes.toString(), 'the file');
});

test.serial('an upload that is overwritten while it waits for its scan never passes for the one before', async (t) => {
  const file = await arrived('the file');
  await harness.deliver('files-on-object-arrived', objectArrived, arrival(file), { tenant: file.owner.tenant });
  await (await bucketOf(harness, 'uploads')).file(file.object).save('the fake', { resumable: false });
  await harness.settle({ only: FILES });
  const known = await fileOf(harness, file.owner, file.fileId);
  t.is(known.state, 'quarantined');
  t.is(known.quarantine.reason, 'lost');
  t.deepEqual(await placesOf(file), NOWHERE);
  t.like((await harness.request(getStorageUsage, {}, { as: file.owner })).body, { usedBytes: 0, reservedBytes: 0 });
});

test.serial('a file that is deleted while it is scanned leaves nothing behind', async (t) => {
  let release: () => void = () => undefined;
  const scanning = new Promise<void>((resolve) => {
    release = resolve;
  });
  let began: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const clamd = await fakeClamd(t, async () => {
    began();
    await scanning;
    return 'stream: OK';
  });
  variables.CLAMD_HOST = `${clamd.host}:${clamd.port}`;
  const file = await arrived('deleted meanwhile');
  const { tenant } = file.owner;
  await harness.deliver('files-on-object-arrived', objectArrived, arrival(file), { tenant });
  const scan = harness.deliver('files-on-file-uploaded', fileUploaded, upload(file), { tenant });
  await Promise.race([hasBegun, scan]);
  t.is((await harness.request(deleteFile, { id: file.fileId }, { as: file.owner })).status, 200);
  release();
  t.is(await scan, 204);
  t.deepEqual(typesOf(await harness.settle({ only: FILES })), ['files.file.uploaded', 'files.file.deleted']);
  t.deepEqual(await placesOf(file), NOWHERE);
  t.like((await harness.request(getStorageUsage, {}, { as: file.owner })).body, { usedBytes: 0, reservedBytes: 0 });
});

test.serial(
  'while the virus scanner is away a file waits, however often it is tried, and is released once it is back',
  async (t) => {
    variables.CLAMD_HOST = '127.0.0.1:1';
    t.teardown(() => {
      delete variables.CLAMD_HOST;
    });
    const file = await arrived('patient');
    const { tenant } = file.owner;
    await harness.deliver('files-on-object-arrived', objectArrived, arrival(file), { tenant });
    const id = randomUUID();
    for (let times = 0; times < 7; times += 1)
      t.is(await harness.deliver('files-on-file-uploaded', fileUploaded, upload(file), { tenant, id }), 503);
    t.is((await fileOf(harness, file.owner, file.fileId)).state, 'scanning');
    t.deepEqual(await placesOf(file), { uploads: 1, files: 0, quarantine: 0 });
    let seen = '';
    const clamd = await fakeClamd(t, (content) => {
      seen = content.toString();
      return 'stream: OK';
    });
    variables.CLAMD_HOST = `${clamd.host}:${clamd.port}`;
    t.is(await harness.deliver('files-on-file-uploaded', fileUploaded, upload(file), { tenant, id }), 204);
    t.is(seen, 'patient');
    t.is((await fileOf(harness, file.owner, file.fileId)).state, 'clean');
    await harness.settle({ only: FILES });
  },
);

test.serial('what the virus scanner finds is quarantined under the name it gives', async (t) => {
  const clamd = await fakeClamd(t, () => 'stream: Doc.Macro.Downloader FOUND');
  variables.CLAMD_HOST = `${clamd.host}:${clamd.port}`;
  const owner = someone();
  const id = await uploaded(harness, owner, 'looks harmless');
  const { state, quarantine } = await fileOf(harness, owner, id);
  t.is(state, 'quarantined');
  t.is(quarantine.reason, 'malware');
  t.regex(quarantine.detail, /Doc\.Macro\.Downloader/);
  t.deepEqual(await placesOf({ owner }), { uploads: 0, files: 0, quarantine: 1 });
});

test.serial(
  'an object whose name no upload was given is let be, and one of a file that nobody asked for is removed',
  async (t) => {
    const uploads = await bucketOf(harness, 'uploads');
    await uploads.file('not/ours').save('x', { resumable: false });
    const owner = someone();
    const fileId = randomUUID();
    await uploads.file(`${owner.tenant}/${fileId}`).save('x', { resumable: false });
    t.deepEqual(typesOf(await harness.settle({ only: FILES })), []);
    t.deepEqual(await placesOf({ owner }), NOWHERE);
    await uploads.file('not/ours').delete();
  },
);

test.serial('objects that no file has are found and removed, and those that files have stay', async (t) => {
  const owner = someone();
  const kept = await uploaded(harness, owner, 'kept');
  const files = await bucketOf(harness, 'files');
  const quarantine = await bucketOf(harness, 'quarantine');
  const orphan = `${owner.tenant}/${randomUUID()}`;
  await files.file(orphan).save('nobody knows it', { resumable: false });
  await quarantine.file(`${owner.tenant}/${kept}`).save('of a verdict that did not count', { resumable: false });
  const waits = await arrived('being scanned');
  await harness.deliver('files-on-object-arrived', objectArrived, arrival(waits), { tenant: waits.owner.tenant });
  await files.file(waits.object).save('its copy', { resumable: false });

  await harness.schedule('files-list-objects');
  await harness.settle({ only: ['files-on-objects-listed'] });
  t.deepEqual(
    await placesOf({ owner }),
    { uploads: 0, files: 2, quarantine: 1 },
    'what is new may have a verdict coming',
  );

  await harness.schedule('files-list-objects', new Date(Date.now() + 2 * 3_600_000));
  await harness.settle({ only: ['files-on-objects-listed'] });
  t.deepEqual(await placesOf({ owner }), RELEASED);
  t.deepEqual(await objectsOf(harness, 'files', owner), [kept]);
  t.is((await placesOf(waits)).files, 1);
});

import test from 'ava';
import { downloadFile, getStorageUsage } from '#contracts/files/api.ts';
import { zip } from '../simulation/support/zip.ts';
import type { Harness } from '../support/harness.ts';
import { testVirus } from './scanning/samples.ts';
import { ask, asked, FILES, fileOf, md5Of, objectsOf, put, sha256Of, someone, startFiles, uploaded } from './setup.ts';

let harness: Harness;
test.before(async () => {
  harness = await startFiles();
});
test.after.always(() => harness?.close());

test.serial('a file that is put by signed URL is scanned, released and fetched again by signed URL', async (t) => {
  const owner = someone();
  const answer = await asked(harness, owner, 'crush margin', { name: '../Marge é "1".txt', labels: { desk: 'soy' } });
  t.is((await fileOf(harness, owner, answer.fileId)).state, 'awaiting-upload');
  t.is(await put(answer, 'crush margin'), 200);
  const published = await harness.settle({ only: FILES });
  t.deepEqual(
    published.filter(({ type }) => type.startsWith('files.file.')).map(({ type }) => type),
    ['files.file.uploaded', 'files.file.scanned'],
  );
  const scanned = published.find(({ type }) => type === 'files.file.scanned');
  t.like(scanned?.data, { fileId: answer.fileId, bytes: 12, sha256: sha256Of('crush margin'), kind: 'document' });
  t.is(scanned?.tenant, owner.tenant);
  t.like(await fileOf(harness, owner, answer.fileId), { state: 'clean', labels: { desk: 'soy' } });
  t.deepEqual(await objectsOf(harness, 'files', owner), [answer.fileId]);
  t.deepEqual(await objectsOf(harness, 'uploads', owner), [], 'what was uploaded has moved');

  const { status, body } = await harness.request(downloadFile, { id: answer.fileId }, { as: owner });
  t.is(status, 200);
  const fetched = await fetch(body.url);
  t.is(await fetched.text(), 'crush margin');
  const disposition = fetched.headers.get('content-disposition') ?? '';
  t.regex(
    disposition,
    /^attachment; filename="[^"/\\]*"; filename\*=UTF-8''/,
    'no path and no quote gets out of its name',
  );
  t.regex(disposition, /Marge%20%C3%A9/);
});

test.serial('nothing is to be had before the scan', async (t) => {
  const owner = someone();
  const answer = await asked(harness, owner, 'early');
  const before = await harness.request(downloadFile, { id: answer.fileId }, { as: owner });
  t.is(before.status, 409);
  t.is(before.body.code, 'not-clean');
  await put(answer, 'early');
  t.is((await harness.request(downloadFile, { id: answer.fileId }, { as: owner })).status, 409);
  await harness.settle({ only: FILES });
  t.is((await harness.request(downloadFile, { id: answer.fileId }, { as: owner })).status, 200);
});

test.serial('an upload that was cut goes on from what arrived, and comes to the same', async (t) => {
  const owner = someone();
  const bytes = Buffer.alloc(900_000, 'soybean meal ');
  const { fileId, resumable } = await asked(harness, owner, bytes);
  const started = await fetch(resumable.url, { method: resumable.method, headers: resumable.headers });
  t.is(started.status, 201);
  const session = started.headers.get('location') ?? '';
  const send = (from: number, to: number) =>
    fetch(session, {
      method: 'PUT',
      body: bytes.subarray(from, to),
      headers: { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` },
    });
  const first = await send(0, 2 * 262_144);
  t.is(first.status, 308);
  const cut = fetch(session, {
    method: 'PUT',
    headers: { 'content-range': `bytes 524288-${bytes.length - 1}/${bytes.length}` },
    body: ReadableStream.from(
      (async function* () {
        yield bytes.subarray(524_288, 600_000);
        throw new Error('the line was cut');
      })(),
    ),
    duplex: 'half',
  });
  await t.throwsAsync(cut);
  const told = await fetch(session, { method: 'PUT', headers: { 'content-range': `bytes */${bytes.length}` } });
  t.is(told.status, 308);
  const last = Number(/^bytes=0-(\d+)$/.exec(told.headers.get('range') ?? '')?.[1]);
  t.true(last >= 524_287, 'what was acknowledged is not asked for again');
  t.is((await send(last + 1, bytes.length)).status, 200);
  await harness.settle({ only: FILES });
  t.like(await fileOf(harness, owner, fileId), { state: 'clean', sha256: sha256Of(bytes), bytes: bytes.length });
});

test.serial(
  'an address takes as many bytes as were declared, of that type and with that checksum, and no others',
  async (t) => {
    const owner = someone();
    const answer = await asked(harness, owner, 'right', { md5: md5Of('right') });
    t.is(await put(answer, 'wrong'), 400, 'another MD5');
    t.is(await put(answer, 'longer than that'), 400);
    t.is(await put(answer, 'right', { ...answer.upload.headers, 'content-type': 'text/html' }), 403);
    const other = await asked(harness, owner, 'right');
    t.is(await put(other, 'rights'), 400, 'too long');
    t.is(await put(other, 'righ'), 400, 'too short');
    t.is(await put(other, 'right'), 200);
    t.is(await put(other, 'wrong'), 412, 'where a file lies, nothing else can be put');
    await harness.settle({ only: FILES });
    t.is((await fileOf(harness, owner, other.fileId)).state, 'clean');
  },
);

test.serial('other bytes than the declared ones end in quarantine, and give their space back', async (t) => {
  const owner = someone();
  const answer = await asked(harness, owner, 'right');
  await put(answer, 'wrong');
  const published = await harness.settle({ only: FILES });
  const file = await fileOf(harness, owner, answer.fileId);
  t.is(file.state, 'quarantined');
  t.is(file.quarantine.reason, 'checksum-mismatch');
  t.true(file.quarantine.detail.includes(sha256Of('wrong')));
  t.like(published.find(({ type }) => type === 'files.file.quarantined')?.data, {
    fileId: answer.fileId,
    reason: 'checksum-mismatch',
  });
  t.deepEqual(await objectsOf(harness, 'quarantine', owner), [answer.fileId]);
  t.deepEqual(await objectsOf(harness, 'uploads', owner), []);
  t.deepEqual(await objectsOf(harness, 'files', owner), []);
  t.is((await harness.request(downloadFile, { id: answer.fileId }, { as: owner })).status, 409);
  const usage = await harness.request(getStorageUsage, {}, { as: owner });
  t.like(usage.body, { usedBytes: 0, reservedBytes: 0, files: 0 });
});

test.serial('what a scan finds is quarantined under its reason, whatever the file calls itself', async (t) => {
  const owner = someone();
  const inside = (name: string, data: Buffer) => zip([{ name, data }]);
  const samples: [Buffer, string][] = [
    [testVirus, 'malware'],
    [inside('margins.xlsx', inside('eicar.com', testVirus)), 'malware'],
    [inside('zeros', Buffer.alloc(20 * 1024 ** 2)), 'archive-bomb'],
    [inside('xl/vbaProject.bin', Buffer.from('x')), 'macros'],
    [zip([{ name: 'a', data: Buffer.from('secret'), declared: { flags: 1 } }]), 'encrypted'],
  ];
  for (const [bytes, reason] of samples) {
    const id = await uploaded(harness, owner, bytes, { name: 'margins.xlsx', contentType: 'application/zip' });
    const { state, quarantine } = await fileOf(harness, owner, id);
    t.deepEqual({ state, reason: quarantine?.reason }, { state: 'quarantined', reason });
  }
  t.deepEqual(await objectsOf(harness, 'files', owner), []);
  t.is((await objectsOf(harness, 'quarantine', owner)).length, samples.length);
});

test.serial("a file's kind is what its bytes say, not its name", async (t) => {
  const owner = someone();
  const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(64)]);
  const id = await uploaded(harness, owner, png, { name: 'model.xlsx' });
  t.is((await fileOf(harness, owner, id)).kind, 'image');
  const workbook = zip([{ name: 'xl/workbook.xml', data: Buffer.from('<workbook/>') }]);
  const other = await uploaded(harness, owner, workbook, { name: 'picture.png', contentType: 'image/png' });
  t.is((await fileOf(harness, owner, other)).kind, 'workbook');
});

test.serial('bytes that a browser or a proxy would unpack are kept as they were scanned', async (t) => {
  const owner = someone();
  const answer = await asked(harness, owner, 'plain');
  t.is(await put(answer, 'plain', { ...answer.upload.headers, 'content-encoding': 'gzip' }), 200);
  await harness.settle({ only: FILES });
  const { body } = await harness.request(downloadFile, { id: answer.fileId }, { as: owner });
  const fetched = await fetch(body.url);
  t.is(fetched.headers.get('content-encoding'), null);
  t.is(await fetched.text(), 'plain');
});

test.serial('what is no file is refused before anything is promised', async (t) => {
  const owner = someone();
  for (const declared of [
    { bytes: 0 },
    { sha256: sha256Of('x').toUpperCase() },
    { sha256: 'abc' },
    { name: '' },
    { contentType: 'text' },
    { md5: 'abc' },
    { labels: { 'No Spaces': 'x' } },
    { folder: 'no such field' },
  ]) {
    const { status, body } = await ask(harness, owner, 'x', declared);
    t.is(status, 400, JSON.stringify(declared));
    t.is(body.errors.length, 1, JSON.stringify(body));
  }
  t.like((await harness.request(getStorageUsage, {}, { as: owner })).body, { reservedBytes: 0 });
});

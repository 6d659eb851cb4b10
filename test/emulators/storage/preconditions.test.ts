import test from 'ava';
import { localStorage, refusalOf } from './local-storage.ts';

test('ifGenerationMatch=0 lets the first writer create and refuses the second with 412', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('once');
  await file.save('first', { preconditionOpts: { ifGenerationMatch: 0 }, resumable: false });
  const refused = await refusalOf(
    file.save('second', { preconditionOpts: { ifGenerationMatch: 0 }, resumable: false }),
  );
  t.is(refused.code, 412);
  t.is(refused.reason, 'conditionNotMet');
  t.is(String((await file.download())[0]), 'first');
});

test('of two writers that both saw one generation, one wins', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('contended');
  await file.save('start', { resumable: false });
  const seen = Number(file.metadata.generation);
  const writes = ['left', 'right'].map((text) =>
    file.save(text, { preconditionOpts: { ifGenerationMatch: seen }, resumable: false }),
  );
  const outcomes = await Promise.allSettled(writes);
  t.is(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('a resumable upload is checked against what is there when its last byte has come', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('late');
  const [uri] = await file.createResumableUpload({ preconditionOpts: { ifGenerationMatch: 0 } });
  await file.save('somebody was faster', { resumable: false });
  const answer = await fetch(uri, { method: 'PUT', body: 'too late' });
  t.is(answer.status, 412);
  const gone = await fetch(`${origin}/upload/storage/v1/b/${inside.name}/o${new URL(uri).search}`, { method: 'PUT' });
  t.is(gone.status, 404);
  t.is(String((await file.download())[0]), 'somebody was faster');
});

test('a metageneration counts the changes of metadata, and guards them', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('described');
  await file.save('x', { resumable: false });
  const [first] = await file.setMetadata({ metadata: { colour: 'red' } }, { ifMetagenerationMatch: 1 });
  t.is(String(first.metageneration), '2');
  const refused = await refusalOf(file.setMetadata({ metadata: { colour: 'blue' } }, { ifMetagenerationMatch: 1 }));
  t.is(refused.code, 412);
});

test('a bucket is guarded by its metageneration', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  await inside.setLabels({ team: 'grain' }, { ifMetagenerationMatch: 1 });
  t.is((await refusalOf(inside.setLabels({ team: 'ore' }, { ifMetagenerationMatch: 1 }))).code, 412);
  t.is((await refusalOf(inside.delete({ ifMetagenerationMatch: 1 } as object))).code, 412);
});

test('a read with ifGenerationNotMatch of what it has is answered with 304, one with another generation with 412', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const inside = await bucket();
  const file = inside.file('cached');
  await file.save('x', { resumable: false });
  const { generation } = file.metadata;
  const url = `${origin}/storage/v1/b/${inside.name}/o/cached`;
  t.is((await fetch(`${url}?ifGenerationNotMatch=${generation}`)).status, 304);
  t.is((await fetch(`${url}?ifGenerationNotMatch=1`)).status, 200);
  t.is((await fetch(`${url}?ifGenerationMatch=1&alt=media`)).status, 412);
  t.is((await fetch(`${url}?ifMetagenerationNotMatch=1&alt=media`)).status, 304);
});

test('a delete with the generation of yesterday deletes nothing', async (t) => {
  const { bucket } = await localStorage(t);
  const file = (await bucket()).file('kept');
  await file.save('old', { resumable: false });
  const old = Number(file.metadata.generation);
  await file.save('new', { resumable: false });
  t.is((await refusalOf(file.delete({ ifGenerationMatch: old }))).code, 412);
  t.true((await file.exists())[0]);
});

test('a condition that is no number is refused', async (t) => {
  const { bucket, origin } = await localStorage(t);
  const { name } = await bucket();
  const answer = await fetch(`${origin}/upload/storage/v1/b/${name}/o?uploadType=media&name=a&ifGenerationMatch=x`, {
    method: 'POST',
    body: 'x',
  });
  t.is(answer.status, 400);
});

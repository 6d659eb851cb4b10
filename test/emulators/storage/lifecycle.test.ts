import test from 'ava';
import type { LifecycleRule } from '../../../emulators/storage/buckets/settings.ts';
import { dueAction } from '../../../emulators/storage/lifecycle/rules.ts';
import type { StoredObject } from '../../../emulators/storage/store/records.ts';
import { localStorage } from './local-storage.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-03-31T00:00:00Z');

const object: StoredObject = {
  bucket: 'b',
  bucketGeneration: '1',
  name: 'logs/a.txt',
  generation: 1,
  metageneration: 1,
  blob: 'x',
  size: 0,
  crc32c: '',
  timeCreated: '2026-03-01T12:00:00Z',
  updated: '2026-03-01T12:00:00Z',
  timeStorageClassUpdated: '2026-03-01T12:00:00Z',
  settings: { storageClass: 'STANDARD', customTime: '2026-03-10T00:00:00Z' },
};

const remove = (condition: LifecycleRule['condition']): LifecycleRule[] => [{ action: { type: 'Delete' }, condition }];
const isDue = (condition: LifecycleRule['condition'], of = object, newer = 0): boolean =>
  dueAction(remove(condition), of, newer, NOW) !== undefined;

test('age counts whole days since the object was made', (t) => {
  t.true(isDue({ age: 29 }));
  t.false(isDue({ age: 30 }));
});

test('dates are the midnights of days', (t) => {
  t.true(isDue({ createdBefore: '2026-03-02' }));
  t.false(isDue({ createdBefore: '2026-03-01' }));
  t.true(isDue({ customTimeBefore: '2026-03-11' }));
  t.false(isDue({ customTimeBefore: '2026-03-10' }));
  t.true(isDue({ daysSinceCustomTime: 21 }));
  t.false(isDue({ daysSinceCustomTime: 22 }));
});

test('prefixes, suffixes and classes: one of each is enough, and all kinds are to hold', (t) => {
  t.true(isDue({ matchesPrefix: ['x', 'logs/'], matchesSuffix: ['.txt'], matchesStorageClass: ['STANDARD'] }));
  t.false(isDue({ matchesPrefix: ['logs/'], matchesSuffix: ['.csv'] }));
  t.false(isDue({ matchesStorageClass: ['COLDLINE'] }));
});

test('noncurrent generations are told from live ones', (t) => {
  const noncurrent = { ...object, timeDeleted: '2026-03-20T00:00:00Z' };
  t.true(isDue({ isLive: true }));
  t.false(isDue({ isLive: true }, noncurrent));
  t.true(isDue({ daysSinceNoncurrentTime: 11 }, noncurrent));
  t.false(isDue({ daysSinceNoncurrentTime: 12 }, noncurrent));
  t.false(isDue({ noncurrentTimeBefore: '2026-12-31' }));
  t.true(isDue({ numNewerVersions: 2 }, noncurrent, 2));
  t.false(isDue({ numNewerVersions: 3 }, noncurrent, 2));
});

test('a rule without a condition holds for nothing', (t) => {
  t.false(isDue({}));
});

test('deletion goes before a change of class, and a class only gets colder', (t) => {
  const to = (storageClass: string): LifecycleRule => ({
    action: { type: 'SetStorageClass', storageClass },
    condition: { age: 1 },
  });
  const archive = dueAction([to('NEARLINE'), to('ARCHIVE'), to('COLDLINE')], object, 0, NOW);
  t.deepEqual(archive, { kind: 'storage-class', storageClass: 'ARCHIVE' });
  t.deepEqual(dueAction([to('ARCHIVE'), ...remove({ age: 1 })], object, 0, NOW), { kind: 'delete' });
  const cold = { ...object, settings: { storageClass: 'ARCHIVE' } };
  t.is(dueAction([to('NEARLINE')], cold, 0, NOW), undefined);
});

test('a sweep deletes what is due, and lets a held object be', async (t) => {
  const { bucket, server } = await localStorage(t);
  const inside = await bucket();
  await inside.addLifecycleRule({ action: { type: 'Delete' }, condition: { age: 30 } });
  await inside.file('old').save('x', { resumable: false });
  await inside.file('held').save('x', { resumable: false });
  await inside.file('held').setMetadata({ temporaryHold: true });
  server.moveClock(29 * DAY_MS);
  await server.methods.sweep();
  t.is((await inside.getFiles())[0].length, 2);
  server.moveClock(31 * DAY_MS);
  await server.methods.sweep();
  t.deepEqual(
    (await inside.getFiles())[0].map(({ name }) => name),
    ['held'],
  );
});

test('a sweep keeps as many versions as the rule says', async (t) => {
  const { bucket, server } = await localStorage(t, { softDeleteSeconds: 0 });
  const inside = await bucket({ versioning: { enabled: true } });
  await inside.addLifecycleRule({ action: { type: 'Delete' }, condition: { numNewerVersions: 2 } });
  for (const text of ['1', '2', '3', '4']) await inside.file('grown').save(text, { resumable: false });
  await server.methods.sweep();
  t.is((await inside.getFiles({ versions: true }))[0].length, 2);
});

test('a sweep moves to a colder class', async (t) => {
  const { bucket, server } = await localStorage(t);
  const inside = await bucket();
  await inside.addLifecycleRule({
    action: { type: 'SetStorageClass', storageClass: 'COLDLINE' },
    condition: { age: 0 },
  });
  await inside.file('warm').save('x', { resumable: false });
  await server.methods.sweep();
  t.is((await inside.file('warm').getMetadata())[0].storageClass, 'COLDLINE');
});

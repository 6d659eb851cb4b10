import { type Bucket, IdempotencyStrategy, Storage } from '@google-cloud/storage';
import test, { type ExecutionContext } from 'ava';
import { localStorage, PROJECT, refusalOf } from '../storage/local-storage.ts';
import { arm, struck } from './armed.ts';

const UPLOAD = { service: 'storage', method: 'storage.objects.insert' };
const NEW = { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } };

/** A bucket through a client that tries again what is safe to repeat, and soon. */
async function bucket(t: ExecutionContext): Promise<Bucket> {
  const storage = await localStorage(t);
  const created = await storage.bucket();
  const client = new Storage({
    apiEndpoint: storage.origin,
    projectId: PROJECT,
    retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryConditional, maxRetryDelay: 1 },
  });
  return client.bucket(created.name);
}

const textOf = async (from: Bucket, name: string): Promise<string> => (await from.file(name).download())[0].toString();

test.serial('an upload that fails is tried again by the client where its preconditions make that safe', async (t) => {
  const lots = await bucket(t);
  arm(t, { ...UPLOAD, kind: 'error', code: 503, count: 1 });
  await lots.file('a.txt').save('tonnes', NEW);
  t.is(struck(), 1);
  t.is(await textOf(lots, 'a.txt'), 'tonnes');
});

test.serial('an upload that fails is told to the caller where it is not safe to repeat', async (t) => {
  const lots = await bucket(t);
  arm(t, { ...UPLOAD, kind: 'error', code: 503, count: 1 });
  t.is((await refusalOf(lots.file('a.txt').save('tonnes', { resumable: false }))).code, 503);
});

test.serial('an upload whose connection is closed is tried again by the client', async (t) => {
  const lots = await bucket(t);
  arm(t, { ...UPLOAD, kind: 'drop', count: 1 });
  await lots.file('a.txt').save('tonnes', NEW);
  t.is(struck(), 1);
  t.is(await textOf(lots, 'a.txt'), 'tonnes');
});

test.serial('an upload whose answer is lost is found to be there already', async (t) => {
  const lots = await bucket(t);
  arm(t, { ...UPLOAD, kind: 'drop', count: 1, point: 'after' });
  t.is((await refusalOf(lots.file('a.txt').save('tonnes', NEW))).code, 412);
  t.is(await textOf(lots, 'a.txt'), 'tonnes');
});

test.serial('an upload that is handled twice leaves two generations', async (t) => {
  const lots = await bucket(t);
  await lots.setMetadata({ versioning: { enabled: true } });
  arm(t, { ...UPLOAD, kind: 'duplicate', count: 1 });
  await lots.file('a.txt').save('tonnes', { resumable: false });
  const [generations] = await lots.getFiles({ versions: true });
  t.is(generations.length, 2);
  t.is(await textOf(lots, 'a.txt'), 'tonnes');
});

test.serial('an upload that is delayed holds up no other request', async (t) => {
  const lots = await bucket(t);
  arm(t, { ...UPLOAD, kind: 'delay', ms: 1_000 });
  const answered: string[] = [];
  await Promise.all([
    lots
      .file('a.txt')
      .save('tonnes', NEW)
      .then(() => answered.push('upload')),
    lots.exists().then(() => answered.push('other')),
  ]);
  t.deepEqual(answered, ['other', 'upload']);
});

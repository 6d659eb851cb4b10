import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { provisionBuckets } from '../../../emulators/cloud/provision-buckets.ts';
import { startStorage } from '../../../emulators/storage/server.ts';
import type { LocalBucket } from '../../../infra/local-storage.ts';

const UPLOADS: LocalBucket = {
  name: 'p-uploads',
  public: false,
  writers: ['files@p'],
  readers: [],
  versioned: false,
  deleteAfterDays: 1,
  cors: [{ origins: ['*'], methods: ['PUT'], responseHeaders: ['ETag'], maxAgeSeconds: 60 }],
};
const TOLD = { bucket: 'p-uploads', topic: 'objects-uploads', eventTypes: ['OBJECT_FINALIZE'], payloadFormat: 'NONE' };

test('a bucket is what the plan says, and told of once, however often it is provisioned', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-storage-'));
  const server = await startStorage({ port: 0, dataDir, sweepEveryMs: 0 });
  t.teardown(async () => {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${server.port}`;
  const read = async (path: string) =>
    (await (await fetch(`${url}/storage/v1/b/p-uploads${path}`)).json()) as Record<string, unknown>;
  const plan = { project: 'p', buckets: [UPLOADS], notifications: [TOLD] };
  await provisionBuckets(plan, url);
  await provisionBuckets(plan, url);
  t.like(await read(''), {
    versioning: { enabled: false },
    lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 1 } }] },
    cors: [{ origin: ['*'], method: ['PUT'], responseHeader: ['ETag'], maxAgeSeconds: 60 }],
  });
  const { items } = await read('/notificationConfigs');
  t.deepEqual(
    (items as { topic: string }[]).map(({ topic }) => topic),
    ['//pubsub.googleapis.com/projects/p/topics/objects-uploads'],
  );
  await provisionBuckets({ ...plan, buckets: [{ ...UPLOADS, deleteAfterDays: 3 }] }, url);
  t.like(await read(''), { lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 3 } }] } });
});

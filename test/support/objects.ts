import { join } from 'node:path';
import { bucketsOf, type Manifest } from '#core/manifest.ts';
import { provisionBuckets } from '../../emulators/cloud/provision-buckets.ts';
import { startKms } from '../../emulators/kms/server.ts';
import { type StorageServer, startStorage } from '../../emulators/storage/server.ts';
import { bucketName, PAGE_HEADERS, rulesOf } from '../../infra/components/bucket-rules.ts';
import type { PulledMessage, Puller } from './puller.ts';

/** Cloud Storage with every declared bucket, and what it tells of their objects. */
export interface TestObjects {
  server: StorageServer;
  /** What takers have been told of since this was last asked, by the bucket's short name. */
  take(): Promise<{ bucket: string; message: PulledMessage }[]>;
  close(): Promise<void>;
}

interface ObjectsOptions {
  project: string;
  folder: string;
  manifest: Manifest;
  puller: Puller;
  pubsubPort: number;
  identityUrl: string;
}

export async function startObjects({
  project,
  folder,
  manifest,
  puller,
  pubsubPort,
  identityUrl,
}: ObjectsOptions): Promise<TestObjects> {
  const kms = await startKms({ port: 0, dataDir: join(folder, 'kms') });
  process.env.KMS_ENDPOINT = `http://127.0.0.1:${kms.port}`;
  const server = await startStorage({
    port: 0,
    dataDir: join(folder, 'storage'),
    projectId: project,
    pubsubHost: `127.0.0.1:${pubsubPort}`,
    kmsUrl: `http://127.0.0.1:${kms.port}`,
    signerKeysUrl: `${identityUrl}/service_accounts/v1/jwk/`,
    sweepEveryMs: 0,
  });
  process.env.STORAGE_EMULATOR_HOST = `http://127.0.0.1:${server.port}`;
  const names = bucketsOf(manifest);
  const taken = [
    ...new Set(manifest.functions.flatMap(({ declaration }) => declaration.deployment.takesObjectsOf ?? [])),
  ];
  for (const bucket of taken) await puller.open(topicOf(bucket));
  await provisionBuckets(
    {
      project,
      buckets: names.map((name) => {
        const { pageMethods, versioned, deleteAfterDays } = rulesOf(name);
        return {
          name: bucketName(project, name),
          public: false,
          writers: [],
          readers: [],
          versioned,
          ...(deleteAfterDays === undefined ? {} : { deleteAfterDays }),
          cors: [{ origins: ['*'], methods: [...pageMethods], responseHeaders: [...PAGE_HEADERS], maxAgeSeconds: 60 }],
        };
      }),
      notifications: taken.map((name) => ({
        bucket: bucketName(project, name),
        topic: topicOf(name),
        eventTypes: ['OBJECT_FINALIZE'],
        payloadFormat: 'NONE',
      })),
    },
    `http://127.0.0.1:${server.port}`,
  );
  return {
    server,
    async take() {
      await server.methods.published();
      const told = await Promise.all(
        taken.map(async (bucket) => (await puller.pullAll(topicOf(bucket))).map((message) => ({ bucket, message }))),
      );
      return told.flat();
    },
    async close() {
      await server.close();
      await kms.close();
      delete process.env.STORAGE_EMULATOR_HOST;
    },
  };
}

const topicOf = (bucket: string) => `objects-${bucket}`;

import type { Bucket, GetFilesOptions, GetFilesResponse } from '@google-cloud/storage';
import * as z from 'zod';
import { objectsListed } from '#contracts/files/events.ts';
import { scheduleFunction } from '#core/function.ts';
import { openBucket } from '#core/storage.ts';
import { readObjectName } from './domain/object-name.ts';

const PAGE = 500;
/** Longer than a scan may take: a copy whose verdict is about to commit is nobody's orphan. */
const SETTLED_AFTER_MS = 60 * 60_000;

/** Looks through what is kept for objects that no file has; whose files there are, each organisation's own rows tell. */
export default scheduleFunction(
  { cron: '41 2 * * *', summary: 'Lists the objects that are kept, so that those of no file are removed' },
  {
    calls: [],
    emits: [objectsListed],
    readsBuckets: ['files', 'quarantine'],
    cpu: 1,
    timeoutSeconds: 1_800,
    maxInstances: 1,
  },
  async (_, { transaction, config, now }) => {
    const before = new Date(now.getTime() - SETTLED_AFTER_MS);
    for (const name of ['files', 'quarantine'] as const) {
      const bucket = await openBucket(config, name);
      for await (const listed of pagesOf(bucket, before)) {
        await transaction(async ({ publish }) => {
          for (const [tenant, objects] of listed)
            publish(objectsListed, { bucket: name, objects, at: now.toISOString() }, { tenant });
        });
      }
    }
  },
);

interface ListedObject {
  fileId: string;
  object: string;
  generation: string;
}

const facts = z.object({ generation: z.coerce.string(), timeCreated: z.coerce.date() });

/** Pages of objects older than that, by tenant. */
async function* pagesOf(bucket: Bucket, before: Date): AsyncGenerator<Map<string, ListedObject[]>, void, void> {
  for (let query: GetFilesOptions | null = { autoPaginate: false, maxResults: PAGE }; query !== null; ) {
    const [files, next]: GetFilesResponse = await bucket.getFiles(query);
    const byTenant = new Map<string, ListedObject[]>();
    for (const file of files) {
      const named = readObjectName(file.name);
      const { generation, timeCreated } = facts.parse(file.metadata);
      if (named === undefined || timeCreated >= before) continue;
      const listed = byTenant.get(named.tenant) ?? [];
      byTenant.set(named.tenant, [...listed, { fileId: named.fileId, object: file.name, generation }]);
    }
    yield byTenant;
    query = next as GetFilesOptions | null;
  }
}

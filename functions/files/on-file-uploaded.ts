import { fileQuarantined, fileScanned, fileUploaded } from '#contracts/files/events.ts';
import { eventFunction } from '#core/function.ts';
import { awaitsVerdict } from './domain/file.ts';
import { removeObject } from './effects/remove-object.ts';
import { commitVerdict } from './release/commit-verdict.ts';
import { scanAndCopy } from './release/scan-and-copy.ts';
import { findFile } from './store/files.ts';

/**
 * Scans a file, copies it where its verdict says, commits the verdict, and removes the upload last. Each step finds what an earlier
 * attempt left of it: a copy is made where there is none, a verdict counts while the file waits for it, a removal may be repeated.
 */
export default eventFunction(
  fileUploaded,
  {
    onPoison: 'skip',
    calls: [],
    emits: [fileScanned, fileQuarantined],
    effects: [removeObject],
    buckets: ['uploads', 'files', 'quarantine'],
    tenantKeys: true,
    cpu: 1,
    memory: '1GiB',
    concurrency: 4,
    maxInstances: 10,
    timeoutSeconds: 540,
  },
  async ({ fileId, object, generation }, { transaction, config, tenant }) => {
    const file = await transaction(({ tx }) => findFile(tx, fileId));
    if (!awaitsVerdict(file, generation)) return;
    const outcome = await scanAndCopy({ config, tenant }, object, generation, file);
    await transaction((context) => commitVerdict(context, { fileId, object, generation, ...outcome }));
  },
);

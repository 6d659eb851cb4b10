import { downloadFile } from '#contracts/files/api.ts';
import { httpFunction } from '#core/function.ts';
import { openBucket } from '#core/storage.ts';
import { objectNameOf } from './domain/object-name.ts';
import { downloadAddress } from './objects/signed-urls.ts';
import { findVisibleFile } from './store/visible-file.ts';

const ADDRESS_MS = 15 * 60_000;

export default httpFunction(
  downloadFile,
  {
    // Signing asks another service: no transaction is open meanwhile.
    calls: [],
    readsBuckets: ['files'],
    signsUrls: true,
    cpu: 1,
    concurrency: 40,
    maxInstances: 5,
  },
  async ({ id }, { transaction, tenant, caller, now, config }) => {
    const visible = await transaction(({ tx }) => findVisibleFile(tx, caller, id));
    if (visible === undefined || visible.file.state === 'deleted')
      return { problem: 'not-found', detail: `there is no file ${id}` };
    const { state, generation, name, contentType } = visible.file;
    if (state !== 'clean' || generation === undefined)
      return { problem: 'not-clean', detail: `the file is ${state}: only clean files can be had` };
    const expiresAt = new Date(now.getTime() + ADDRESS_MS);
    const bucket = await openBucket(config, 'files');
    const url = await downloadAddress(bucket, objectNameOf(tenant, id), { name, contentType, generation }, expiresAt);
    return { url, expiresAt: expiresAt.toISOString() };
  },
);

import { uploadFile } from '#contracts/files/api.ts';
import { httpFunction } from '#core/function.ts';
import { openBucket } from '#core/storage.ts';
import { tidyName } from './domain/file-name.ts';
import { objectNameOf } from './domain/object-name.ts';
import { admit, allowanceOf, changeOfSpace } from './domain/space.ts';
import { uploadExpires } from './effects/upload-expires.ts';
import { uploadAddresses } from './objects/signed-urls.ts';
import { findFile, insertFile } from './store/files.ts';
import { changeSpace, lockSpace } from './store/space.ts';

const HOUR_MS = 60 * 60_000;
/** In which an upload is to begin. */
const ADDRESS_MS = HOUR_MS;
/** In which it is to be there, cuts and resumptions included; so long it holds its space. */
const ARRIVAL_MS = 6 * HOUR_MS;

export default httpFunction(
  uploadFile,
  {
    // Signing asks another service: no transaction is open meanwhile.
    calls: [],
    timers: [uploadExpires],
    buckets: ['uploads'],
    signsUrls: true,
    cpu: 1,
    concurrency: 40,
    maxInstances: 5,
  },
  async (input, { transaction, tenant, caller, now, newId, config }) => {
    const { bytes, sha256, md5, crc32c, contentType, labels } = input;
    const file = {
      fileId: newId(),
      ownerId: caller.id,
      name: tidyName(input.name),
      contentType,
      bytes,
      sha256,
      md5,
      crc32c,
      labels,
    };
    const refusal = await transaction(async ({ tx, setTimer }) => {
      const space = await lockSpace(tx);
      // A repeated request has the same id and its space already.
      if ((await findFile(tx, file.fileId)) !== undefined) return undefined;
      const admission = admit(bytes, space, allowanceOf(caller.plan, space.agreedBytes));
      if (admission.kind === 'refused') return admission;
      await insertFile(tx, file, now);
      await changeSpace(tx, changeOfSpace(undefined, 'awaiting-upload', bytes));
      setTimer(uploadExpires, file.fileId, new Date(now.getTime() + ARRIVAL_MS), { fileId: file.fileId });
      return undefined;
    });
    if (refusal !== undefined)
      return { problem: refusal.problem, detail: refusal.detail, bytesLeft: refusal.bytesLeft };
    const bucket = await openBucket(config, 'uploads');
    const expiresAt = new Date(now.getTime() + ADDRESS_MS);
    return {
      fileId: file.fileId,
      ...(await uploadAddresses(bucket, objectNameOf(tenant, file.fileId), file, expiresAt)),
    };
  },
);

import type { HandlerContext } from '#core/function.ts';
import { openBucket } from '#core/storage.ts';
import { tenantKey } from '#core/tenant-key.ts';
import type { StoredFile } from '../domain/file.ts';
import type { Verdict } from '../domain/verdict.ts';
import { copyOnce, ObjectGone } from '../objects/stored-object.ts';
import { readClamdAddress } from '../scanning/clamd.ts';
import { scanUpload } from './scan-upload.ts';

/** What an upload was found to be, and its copy where such files are kept. */
export interface Outcome {
  verdict: Verdict;
  copy: {
    bucketName: 'files' | 'quarantine';
    /** The bucket's full name. */
    bucket: string;
    /** Undefined where there was nothing to copy. */
    generation: string | undefined;
  };
}

/** Uploads are kept for a day: after a scan that was not possible for so long there is nothing left to look at. */
const LOST: Verdict = { kind: 'quarantined', reason: 'lost', detail: 'The upload was gone before it was scanned.' };

/** Throws a TransientFailure where Cloud Storage, Cloud KMS or the virus scanner is away. */
export async function scanAndCopy(
  { config, tenant }: Pick<HandlerContext<string>, 'config' | 'tenant'>,
  object: string,
  generation: string,
  file: StoredFile,
): Promise<Outcome> {
  const uploads = await openBucket(config, 'uploads');
  try {
    const clamd = readClamdAddress(config('CLAMD_HOST'));
    const verdict = await scanUpload(uploads, object, generation, file, clamd);
    const bucketName = verdict.kind === 'clean' ? 'files' : 'quarantine';
    const bucket = await openBucket(config, bucketName);
    const copied = await copyOnce(uploads, bucket, object, generation, await tenantKey(config, tenant));
    return { verdict, copy: { bucketName, bucket: bucket.name, generation: copied } };
  } catch (error) {
    if (!(error instanceof ObjectGone)) throw error;
    const { name } = await openBucket(config, 'quarantine');
    return { verdict: LOST, copy: { bucketName: 'quarantine', bucket: name, generation: undefined } };
  }
}

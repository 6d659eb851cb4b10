import type { Bucket } from '@google-cloud/storage';
import type { StoredFile } from '../domain/file.ts';
import { judgeFacts, judgeScan, type Verdict } from '../domain/verdict.ts';
import { factsOf, readObject } from '../objects/stored-object.ts';
import type { ClamdAddress } from '../scanning/clamd.ts';
import { scan } from '../scanning/scan.ts';

/**
 * What is to become of an upload. `clamd`: is asked as well, where there is one. Throws ObjectGone, and a TransientFailure where Cloud
 * Storage or clamd is away.
 */
export async function scanUpload(
  uploads: Bucket,
  object: string,
  generation: string,
  file: StoredFile,
  clamd: ClamdAddress | undefined,
): Promise<Verdict> {
  const unlike = judgeFacts(file, await factsOf(uploads, object, generation));
  if (unlike !== undefined) return unlike;
  const content = readObject(uploads, object, generation);
  try {
    const scanned = await scan(content, { clamd });
    return scanned.kind === 'found'
      ? { kind: 'quarantined', reason: scanned.reason, detail: scanned.detail }
      : judgeScan(file, scanned.result);
  } finally {
    await content.return();
  }
}

import type { Bucket } from '@google-cloud/storage';
import { TransientFailure } from '#core/problem.ts';

/** There is no such object any more. */
export class ObjectGone extends Error {
  override readonly name = 'ObjectGone';
}

/** Writes an object, under a key of Cloud KMS where one is named. Throws a TransientFailure where Cloud Storage is away. */
export async function writeObject(bucket: Bucket, name: string, bytes: Uint8Array, kmsKeyName?: string): Promise<void> {
  try {
    await bucket.file(name, kmsKeyName === undefined ? {} : { kmsKeyName }).save(bytes, { resumable: false });
  } catch (error) {
    throw failureOf(error, name);
  }
}

/** The object's bytes, or those of a range, both ends included. Throws ObjectGone, and TransientFailure as above. */
export async function readObject(
  bucket: Bucket,
  name: string,
  { generation, ...range }: { start?: number; end?: number; generation?: string } = {},
): Promise<Buffer> {
  try {
    const [bytes] = await bucket.file(name, generation === undefined ? {} : { generation }).download(range);
    return bytes;
  } catch (error) {
    throw failureOf(error, name);
  }
}

/** Removes every object whose name begins so. Throws a TransientFailure as above. */
export async function removeFolder(bucket: Bucket, folder: string): Promise<void> {
  try {
    await bucket.deleteFiles({ prefix: folder, force: true });
  } catch (error) {
    throw failureOf(error, folder);
  }
}

function failureOf(cause: unknown, name: string): Error {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return code === 404
    ? new ObjectGone(`${name} is gone`, { cause })
    : new TransientFailure(`${name}: Cloud Storage did not answer`, { cause });
}

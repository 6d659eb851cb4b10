import type { Bucket } from '@google-cloud/storage';
import { TransientFailure } from '#core/problem.ts';
import type { ObjectFacts } from '../domain/verdict.ts';

/** There is no such generation of the object any more. */
export class ObjectGone extends Error {
  override readonly name = 'ObjectGone';
}

/** What Cloud Storage knows of an object. Throws ObjectGone, and a TransientFailure where Cloud Storage is away. */
export async function factsOf(bucket: Bucket, object: string, generation: string): Promise<ObjectFacts> {
  try {
    const [{ size, md5Hash, crc32c }] = await bucket.file(object, { generation }).getMetadata();
    return { bytes: Number(size), md5: md5Hash, crc32c };
  } catch (error) {
    throw failureOf(error, object);
  }
}

/** An object's bytes as they are kept, never unpacked on the way. Throws as above, wherever the stream has come to. */
export async function* readObject(
  bucket: Bucket,
  object: string,
  generation: string,
): AsyncGenerator<Buffer, void, void> {
  try {
    // Whoever reads takes a checksum of their own.
    yield* bucket.file(object, { generation }).createReadStream({ decompress: false, validation: false });
  } catch (error) {
    throw failureOf(error, object);
  }
}

/**
 * Copies an object under its name into another bucket, under a key of Cloud KMS, with its type and nothing else of what its uploader said
 * of it, and returns the copy's generation. A copy that an attempt before this one left is taken for its own: objects of one name never
 * have other bytes. Throws as above.
 */
export async function copyOnce(
  from: Bucket,
  to: Bucket,
  object: string,
  generation: string,
  kmsKeyName: string,
): Promise<string> {
  const source = from.file(object, { generation });
  const copy = to.file(object, { kmsKeyName });
  try {
    const [{ contentType }] = await source.getMetadata();
    await source.copy(copy, {
      ...(contentType === undefined ? {} : { contentType }),
      preconditionOpts: { ifGenerationMatch: 0 },
    });
  } catch (error) {
    if (statusOf(error) !== 412) throw failureOf(error, object);
  }
  try {
    const [{ generation: copied }] = await copy.getMetadata();
    return String(copied);
  } catch (error) {
    throw failureOf(error, object);
  }
}

/** Removes one generation for good, in a bucket that keeps older ones as well; one that is gone already is no error. */
export async function removeObject(bucket: Bucket, object: string, generation: string): Promise<void> {
  try {
    await bucket.file(object, { generation }).delete({ ignoreNotFound: true });
  } catch (error) {
    throw failureOf(error, object);
  }
}

function failureOf(error: unknown, object: string): ObjectGone | TransientFailure {
  if (statusOf(error) === 404) return new ObjectGone(`${object} is gone`, { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new TransientFailure(`${object}: ${reason}`, { cause: error });
}

/** The HTTP status that Cloud Storage answered; undefined where it did not. */
function statusOf(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : Number.NaN;
  return Number.isInteger(code) ? code : undefined;
}

import type { Bucket } from '@google-cloud/storage';
import type { StoredFile } from '../domain/file.ts';
import { dispositionOf } from '../domain/file-name.ts';

type Uploaded = Pick<StoredFile, 'bytes' | 'contentType' | 'md5' | 'crc32c'>;

/**
 * Addresses that take this file's bytes and no others, as far as Cloud Storage can tell: so many, of that type, where nothing lies
 * yet, with those checksums. Its scan looks at the rest.
 */
export async function uploadAddresses(bucket: Bucket, object: string, file: Uploaded, expiresAt: Date) {
  const bound = {
    'x-goog-content-length-range': `${file.bytes},${file.bytes}`,
    'x-goog-if-generation-match': '0',
  };
  const checked = { ...bound, ...(file.crc32c === undefined ? {} : { 'x-goog-hash': `crc32c=${file.crc32c}` }) };
  const md5 = file.md5 === undefined ? {} : { contentMd5: file.md5 };
  const common = { version: 'v4', expires: expiresAt, contentType: file.contentType } as const;
  const target = bucket.file(object);
  const [[put], [post]] = await Promise.all([
    target.getSignedUrl({ ...common, ...md5, action: 'write', extensionHeaders: checked }),
    target.getSignedUrl({ ...common, action: 'resumable', extensionHeaders: bound }),
  ]);
  const until = expiresAt.toISOString();
  const type = { 'content-type': file.contentType };
  return {
    upload: {
      url: put,
      expiresAt: until,
      method: 'PUT' as const,
      headers: { ...type, ...checked, ...(file.md5 === undefined ? {} : { 'content-md5': file.md5 }) },
    },
    resumable: {
      url: post,
      expiresAt: until,
      method: 'POST' as const,
      headers: { ...type, ...bound, 'x-goog-resumable': 'start' },
    },
  };
}

/** An address of the very bytes that were scanned; browsers save them under the file's name. */
export async function downloadAddress(
  bucket: Bucket,
  object: string,
  file: Pick<StoredFile, 'name' | 'contentType'> & { generation: string },
  expiresAt: Date,
): Promise<string> {
  const [url] = await bucket.file(object).getSignedUrl({
    version: 'v4',
    action: 'read',
    expires: expiresAt,
    responseDisposition: dispositionOf(file.name),
    responseType: file.contentType,
    queryParams: { generation: file.generation },
  });
  return url;
}

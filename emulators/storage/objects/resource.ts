import { aclResource } from '../acl/entry.ts';
import { isUniform } from '../buckets/access.ts';
import { etagOf } from '../http/etag.ts';
import type { Bucket, StoredObject } from '../store/records.ts';
import { retentionExpiry } from './protection.ts';

export interface ResourceView {
  /** What its links begin with. */
  origin: string;
  /** With its access control list. */
  full?: boolean;
  /** The customer's key is not at hand, so its checksums are not told. */
  hidesChecksums?: boolean;
}

/** An object as the JSON API shows it. */
export function objectResource(bucket: Bucket, object: StoredObject, view: ResourceView) {
  const { acl = [], ...settings } = object.settings;
  const generation = String(object.generation);
  const path = `storage/v1/b/${object.bucket}/o/${encodeURIComponent(object.name)}`;
  const expiry = retentionExpiry(bucket, object);
  const { keySha256 } = object;
  return {
    kind: 'storage#object',
    id: `${object.bucket}/${object.name}/${generation}`,
    selfLink: `${view.origin}/${path}`,
    mediaLink: `${view.origin}/download/${path}?generation=${generation}&alt=media`,
    name: object.name,
    bucket: object.bucket,
    generation,
    metageneration: String(object.metageneration),
    ...settings,
    size: String(object.size),
    ...(view.hidesChecksums === true ? {} : { crc32c: object.crc32c, md5Hash: object.md5Hash }),
    etag: objectEtag(object),
    timeCreated: object.timeCreated,
    updated: object.updated,
    timeFinalized: object.timeCreated,
    timeStorageClassUpdated: object.timeStorageClassUpdated,
    timeDeleted: object.timeDeleted,
    softDeleteTime: object.softDeleteTime,
    hardDeleteTime: object.hardDeleteTime,
    restoreToken: object.restoreToken,
    componentCount: object.componentCount,
    retentionExpirationTime: expiry,
    kmsKeyName: object.kmsKeyName,
    customerEncryption: keySha256 === undefined ? undefined : { encryptionAlgorithm: 'AES256', keySha256 },
    ...(view.full === true && !isUniform(bucket.settings)
      ? {
          acl: acl.map((entry) =>
            aclResource('object', entry, { bucket: object.bucket, object: object.name, generation }),
          ),
        }
      : {}),
  };
}

/** Of a generation and its metageneration. */
export function objectEtag({ generation, metageneration }: StoredObject): string {
  return etagOf(generation).slice(0, -1) + etagOf(metageneration);
}

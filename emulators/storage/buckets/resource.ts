import { aclResource } from '../acl/entry.ts';
import type { Call } from '../http/call.ts';
import { etagOf } from '../http/etag.ts';
import type { Bucket } from '../store/records.ts';

const PROJECT_NUMBER = '123456789012';

/** A bucket as the JSON API shows it; its access control lists only where the caller asks for `projection=full`. */
export function bucketResource(call: Call, bucket: Bucket): object {
  const { acl = [], defaultObjectAcl = [], storageClass = 'STANDARD', ...settings } = bucket.settings;
  const isUniform = settings.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
  const lists = {
    acl: acl.map((entry) => aclResource('bucket', entry, { bucket: bucket.name })),
    defaultObjectAcl: defaultObjectAcl.map((entry) => aclResource('defaultObject', entry, { bucket: bucket.name })),
  };
  return {
    kind: 'storage#bucket',
    selfLink: `${call.origin}/storage/v1/b/${bucket.name}`,
    id: bucket.name,
    name: bucket.name,
    projectNumber: PROJECT_NUMBER,
    generation: bucket.generation,
    metageneration: String(bucket.metageneration),
    location: bucket.location,
    locationType: bucket.locationType,
    storageClass,
    etag: etagOf(bucket.metageneration),
    timeCreated: bucket.timeCreated,
    updated: bucket.updated,
    ...settings,
    ...(settings.rpo === undefined && bucket.locationType !== 'region' ? { rpo: 'DEFAULT' } : {}),
    ...(bucket.objectRetention === undefined ? {} : { objectRetention: bucket.objectRetention }),
    ...(bucket.softDeleteTime === undefined ? {} : { softDeleteTime: bucket.softDeleteTime }),
    ...(bucket.hardDeleteTime === undefined ? {} : { hardDeleteTime: bucket.hardDeleteTime }),
    ...(call.query.get('projection') === 'full' && !isUniform ? lists : {}),
  };
}

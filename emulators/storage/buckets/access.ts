import { type AclEntry, checkEntry, isPublic } from '../acl/entry.ts';
import { Refusal } from '../http/refusal.ts';
import type { BucketSettings } from './settings.ts';

export function isUniform(settings: BucketSettings): boolean {
  return settings.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
}

export function preventsPublic(settings: BucketSettings): boolean {
  return settings.iamConfiguration?.publicAccessPrevention === 'enforced';
}

/** Lists have no say in a bucket with uniform access. @throws Refusal (400) */
export function checkHasLists(settings: BucketSettings, of: 'bucket' | 'object', doing: 'get' | 'update'): void {
  if (!isUniform(settings)) return;
  throw new Refusal(
    400,
    'invalid',
    `Cannot ${doing} legacy ACL for ${of === 'bucket' ? 'a bucket' : 'an object'} when uniform bucket-level access is enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access`,
  );
}

/** Whether this bucket lets these in. @throws Refusal (412) where public access prevention does not */
export function checkPublic(settings: BucketSettings, list: readonly AclEntry[] | undefined): void {
  if (!preventsPublic(settings) || !list?.some(isPublic)) return;
  throw new Refusal(
    412,
    'conditionNotMet',
    'The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.',
  );
}

/** The lists of a bucket as they may be. @throws Refusal */
export function checkedLists(settings: BucketSettings): BucketSettings {
  const acl = settings.acl?.map((entry) => checkEntry('bucket', entry));
  const defaultObjectAcl = settings.defaultObjectAcl?.map((entry) => checkEntry('defaultObject', entry));
  checkPublic(settings, acl);
  checkPublic(settings, defaultObjectAcl);
  return { ...settings, acl, defaultObjectAcl };
}

import { type AclEntry, isPublic } from '../acl/entry.ts';
import { isUniform, preventsPublic } from '../buckets/access.ts';
import { type Call, header } from '../http/call.ts';
import { forbidden } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import { verifyV2 } from '../signing/v2.ts';
import { signerOfV4, verifyV4 } from '../signing/v4.ts';
import type { Bucket, StoredObject } from '../store/records.ts';
import type { Target } from './target.ts';

/** What a request wants to do, as IAM names it. */
export type Permission =
  | 'storage.objects.get'
  | 'storage.objects.list'
  | 'storage.objects.create'
  | 'storage.objects.delete'
  | 'storage.buckets.get';

const ROLES: Record<Permission, readonly string[]> = {
  'storage.objects.get': [
    'objectViewer',
    'objectAdmin',
    'objectUser',
    'admin',
    'legacyObjectReader',
    'legacyObjectOwner',
  ],
  'storage.objects.list': [
    'objectViewer',
    'objectAdmin',
    'objectUser',
    'admin',
    'legacyBucketReader',
    'legacyBucketWriter',
  ],
  'storage.objects.create': ['objectCreator', 'objectAdmin', 'objectUser', 'admin', 'legacyBucketWriter'],
  'storage.objects.delete': ['objectAdmin', 'objectUser', 'admin', 'legacyBucketWriter'],
  'storage.buckets.get': ['admin', 'legacyBucketReader', 'legacyBucketWriter'],
};

/**
 * Whether the caller has shown who it is: by a signature, which is verified, or by a token, which the emulator takes as it
 * is. @throws XmlRefusal for a signature that does not hold
 */
export async function isIdentified(service: Service, call: Call, { resource }: Target): Promise<boolean> {
  const signer = signerOfV4(call) ?? call.query.get('GoogleAccessId');
  if (signer !== null) await service.signers.learn(signer);
  const now = service.now();
  if (verifyV4(service.signers, call, now) || verifyV2(service.signers, call, resource, now)) return true;
  return /^(?:Bearer|OAuth) ./.test(header(call, 'authorization') ?? '');
}

/** Anonymous callers may do what everybody may. @throws Refusal (403) */
export function checkAnonymous(permission: Permission, bucket: Bucket, object: StoredObject | undefined): void {
  if (isOpen(permission, bucket, object)) return;
  const what = permission.startsWith('storage.objects') ? 'object' : 'bucket';
  throw forbidden(
    `Anonymous caller does not have ${permission} access to the Google Cloud Storage ${what}. Permission '${permission}' denied on resource (or it may not exist).`,
  );
}

function isOpen(permission: Permission, bucket: Bucket, object: StoredObject | undefined): boolean {
  if (preventsPublic(bucket.settings)) return false;
  const byPolicy = (bucket.iamBindings ?? []).some(
    ({ role, members }) =>
      members.includes('allUsers') && ROLES[permission].includes(role.replace('roles/storage.', '')),
  );
  if (byPolicy) return true;
  if (isUniform(bucket.settings)) return false;
  if (permission === 'storage.objects.get') return letsAll(object?.settings.acl, ['READER', 'OWNER']);
  const writes = permission === 'storage.objects.create' || permission === 'storage.objects.delete';
  return letsAll(bucket.settings.acl, writes ? ['WRITER', 'OWNER'] : ['READER', 'WRITER', 'OWNER']);
}

function letsAll(list: readonly AclEntry[] | undefined, roles: readonly string[]): boolean {
  return list?.some((entry) => isPublic(entry) && entry.entity === 'allUsers' && roles.includes(entry.role)) ?? false;
}

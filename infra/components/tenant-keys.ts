import * as gcp from '@pulumi/gcp';
import { type Manifest, useCasesOf } from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';
import { TENANT_KEYS } from './naming.ts';

/** What makes a key of a tenant, and cannot use, change or destroy one. */
const MAKER_PERMISSIONS = ['cloudkms.cryptoKeys.create', 'cloudkms.cryptoKeys.get'];

/**
 * The ring of the keys that tenants' objects are kept under, made as tenants come. Cloud Storage alone uses them; contexts that declare
 * `tenantKeys` only make them. A ring can never be deleted, so its name is as good as taken for ever.
 * https://cloud.google.com/storage/docs/encryption/using-customer-managed-keys
 */
export function createTenantKeys(settings: Settings, manifest: Manifest, accounts: Accounts): void {
  const contexts = contextsWithTenantKeys(manifest);
  if (contexts.length === 0) return;
  const ring = new gcp.kms.KeyRing(
    TENANT_KEYS,
    { name: TENANT_KEYS, location: settings.region },
    { protect: settings.protect },
  );
  const maker = new gcp.projects.IAMCustomRole('tenant-key-maker', {
    roleId: 'tenantKeyMaker',
    title: 'Makes keys of tenants',
    permissions: MAKER_PERMISSIONS,
  });
  for (const context of contexts) {
    new gcp.kms.KeyRingIAMMember(`${TENANT_KEYS}-made-by-${context}`, {
      keyRingId: ring.id,
      role: maker.name,
      member: accountOf(accounts.contexts, context).member,
    });
  }
  new gcp.kms.KeyRingIAMMember(`${TENANT_KEYS}-used-by-storage`, {
    keyRingId: ring.id,
    role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter',
    member: gcp.storage.getProjectServiceAccountOutput({ project: settings.project }).member,
  });
}

/** Contexts that keep objects under their tenants' keys. */
export function contextsWithTenantKeys(manifest: Manifest): string[] {
  const keeping = useCasesOf(manifest).filter(({ declaration }) => declaration.deployment.tenantKeys === true);
  return [...new Set(keeping.map(({ context }) => context))].sort();
}

import * as gcp from '@pulumi/gcp';
import type { Settings } from '../settings.ts';

/** Firestore, for projections and the fast copy of policy: the client libraries' default database. */
export function createDocumentStore({ region, protect }: Settings): gcp.firestore.Database {
  return new gcp.firestore.Database(
    'documents',
    {
      name: '(default)',
      locationId: region,
      type: 'FIRESTORE_NATIVE',
      concurrencyMode: 'PESSIMISTIC',
      deleteProtectionState: protect ? 'DELETE_PROTECTION_ENABLED' : 'DELETE_PROTECTION_DISABLED',
      pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_ENABLED',
    },
    { protect },
  );
}

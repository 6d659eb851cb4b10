import * as gcp from '@pulumi/gcp';
import type { Manifest } from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';
import { bucketName, JWKS_BUCKET, SOURCES } from './naming.ts';

export interface Buckets {
  /** Archives of function sources and of migrations. */
  sources: gcp.storage.Bucket;
  /** What whoever reads the sources waits for. */
  sourceReaders: gcp.storage.BucketIAMMember[];
  /** By the name functions declare them under. */
  declared: Map<string, gcp.storage.Bucket>;
}

/** Anyone may read these: they publish. */
const PUBLIC: readonly string[] = [JWKS_BUCKET];

/** The bucket of source archives, and each bucket that a function declares it writes. */
export function createBuckets(settings: Settings, manifest: Manifest, accounts: Accounts): Buckets {
  const names = new Set(manifest.functions.flatMap(({ declaration }) => declaration.deployment.buckets ?? []));
  const declared = new Map([...names].sort().map((name) => [name, bucket(settings, name, PUBLIC.includes(name))]));
  for (const [name, { name: fullName }] of declared) {
    if (PUBLIC.includes(name)) {
      new gcp.storage.BucketIAMMember(`${name}-read-by-anyone`, {
        bucket: fullName,
        // Reads what it knows the name of, and lists nothing.
        role: 'roles/storage.legacyObjectReader',
        member: 'allUsers',
      });
    }
    for (const context of bucketWriters(manifest, name)) {
      new gcp.storage.BucketIAMMember(`${name}-written-by-${context}`, {
        bucket: fullName,
        role: 'roles/storage.objectUser',
        member: accountOf(accounts.contexts, context).member,
      });
    }
  }
  return { ...sourceBucket(settings, accounts), declared };
}

/** The contexts that declare they write a bucket. */
export function bucketWriters(manifest: Manifest, bucketName: string): Set<string> {
  const writers = manifest.functions.filter(({ declaration }) => declaration.deployment.buckets?.includes(bucketName));
  return new Set(writers.map(({ context }) => context));
}

function sourceBucket(settings: Settings, accounts: Accounts): Pick<Buckets, 'sources' | 'sourceReaders'> {
  const sources = bucket(settings, SOURCES, false);
  const readers = { build: accounts.build, migrator: accounts.migrator };
  const sourceReaders = Object.entries(readers).map(
    ([reader, account]) =>
      new gcp.storage.BucketIAMMember(`${SOURCES}-read-by-${reader}`, {
        bucket: sources.name,
        role: 'roles/storage.objectViewer',
        member: account.member,
      }),
  );
  return { sources, sourceReaders };
}

function bucket({ project, region, protect }: Settings, name: string, isPublic: boolean): gcp.storage.Bucket {
  return new gcp.storage.Bucket(
    name,
    {
      name: bucketName(project, name),
      location: region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: isPublic ? 'inherited' : 'enforced',
      versioning: { enabled: true },
    },
    { protect },
  );
}

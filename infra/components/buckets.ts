import * as gcp from '@pulumi/gcp';
import {
  bucketsOf,
  type JobEntry,
  type Manifest,
  type ManifestEntry,
  useCasesOf,
} from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';
import { bucketName, PAGE_HEADERS, rulesOf } from './bucket-rules.ts';
import { JWKS_BUCKET, SOURCES } from './naming.ts';

export interface Buckets {
  /** Archives of function sources, of jobs and of migrations. */
  sources: gcp.storage.Bucket;
  /** What whoever reads the sources waits for. */
  sourceReaders: gcp.storage.BucketIAMMember[];
  /** By the name functions declare them under. */
  declared: Map<string, gcp.storage.Bucket>;
}

/** Anyone may read these: they publish. */
const PUBLIC: readonly string[] = [JWKS_BUCKET];
/** What a declaration calls a right on a bucket, and the role that gives it. */
const RIGHTS = [
  { declared: 'buckets', verb: 'written', role: 'roles/storage.objectUser' },
  { declared: 'readsBuckets', verb: 'read', role: 'roles/storage.objectViewer' },
] as const;
const PAGE_MAX_AGE_SECONDS = 3_600;

/** The bucket of source archives, and each bucket that a declaration names, with exactly the rights that are declared. */
export function createBuckets(settings: Settings, manifest: Manifest, accounts: Accounts): Buckets {
  const declared = new Map(bucketsOf(manifest).map((name) => [name, bucket(settings, name, PUBLIC.includes(name))]));
  for (const [name, { name: fullName }] of declared) {
    if (PUBLIC.includes(name)) {
      new gcp.storage.BucketIAMMember(`${name}-read-by-anyone`, {
        bucket: fullName,
        // Reads what it knows the name of, and lists nothing.
        role: 'roles/storage.legacyObjectReader',
        member: 'allUsers',
      });
    }
    for (const { declared: kind, verb, role } of RIGHTS) {
      for (const context of contextsWith(manifest, ({ deployment }) => deployment[kind]?.includes(name))) {
        const { member } = accountOf(accounts.contexts, context);
        new gcp.storage.BucketIAMMember(`${name}-${verb}-by-${context}`, { bucket: fullName, role, member });
      }
    }
  }
  return { ...sourceBucket(settings, manifest, accounts), declared };
}

/** The buckets that functions of a context may use: all of them are told of each, since an effect is finished by the context's sweep. */
export function bucketsUsedBy(manifest: Manifest, context: string): string[] {
  const own = (entry: { context: string }) => entry.context === context;
  return bucketsOf({ functions: manifest.functions.filter(own), jobs: manifest.jobs.filter(own) });
}

function contextsWith(
  manifest: Manifest,
  has: (declaration: (ManifestEntry | JobEntry)['declaration']) => boolean | undefined,
): string[] {
  const having = useCasesOf(manifest).filter(({ declaration }) => has(declaration) === true);
  return [...new Set(having.map(({ context }) => context))].sort();
}

/** Cloud Build and the migrations read their code there, and so does whatever runs a job. */
function sourceBucket(
  settings: Settings,
  manifest: Manifest,
  accounts: Accounts,
): Pick<Buckets, 'sources' | 'sourceReaders'> {
  const sources = bucket(settings, SOURCES, false);
  const contexts = [...new Set(manifest.jobs.map(({ context }) => context))];
  const readers = {
    build: accounts.build,
    migrator: accounts.migrator,
    ...Object.fromEntries(contexts.map((context) => [context, accountOf(accounts.contexts, context)])),
  };
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
  const { versioned, deleteAfterDays, pageMethods } = rulesOf(name);
  return new gcp.storage.Bucket(
    name,
    {
      name: bucketName(project, name),
      location: region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: isPublic ? 'inherited' : 'enforced',
      versioning: { enabled: versioned },
      // What is only passing through is gone when it is deleted.
      ...(versioned ? {} : { softDeletePolicy: { retentionDurationSeconds: 0 } }),
      ...(deleteAfterDays === undefined
        ? {}
        : { lifecycleRules: [{ action: { type: 'Delete' }, condition: { age: deleteAfterDays } }] }),
      ...(pageMethods.length === 0
        ? {}
        : {
            cors: [
              {
                origins: ['*'],
                methods: [...pageMethods],
                responseHeaders: [...PAGE_HEADERS],
                maxAgeSeconds: PAGE_MAX_AGE_SECONDS,
              },
            ],
          }),
    },
    { protect },
  );
}

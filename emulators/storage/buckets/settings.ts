import * as z from 'zod';
import { aclEntry } from '../acl/entry.ts';
import { int64Text, mergePatch, parseAs, storageClass } from '../http/patch.ts';
import { conditionNotMet, forbidden, invalid, Refusal } from '../http/refusal.ts';

const accessMode = z.object({ enabled: z.boolean().optional(), lockedTime: z.string().optional() });

const lifecycleRule = z.object({
  action: z.object({
    type: z.enum(['Delete', 'SetStorageClass', 'AbortIncompleteMultipartUpload']),
    storageClass: storageClass.optional(),
  }),
  condition: z.object({
    age: z.int().min(0).optional(),
    createdBefore: z.iso.date().optional(),
    customTimeBefore: z.iso.date().optional(),
    daysSinceCustomTime: z.int().min(0).optional(),
    daysSinceNoncurrentTime: z.int().min(0).optional(),
    isLive: z.boolean().optional(),
    matchesPrefix: z.array(z.string()).optional(),
    matchesStorageClass: z.array(z.string()).optional(),
    matchesSuffix: z.array(z.string()).optional(),
    noncurrentTimeBefore: z.iso.date().optional(),
    numNewerVersions: z.int().min(0).optional(),
  }),
});

export type LifecycleRule = z.infer<typeof lifecycleRule>;

/** The parts of a bucket that a caller may set, as the JSON API has them; what it does not know is ignored. */
const bucketSettings = z.object({
  acl: z.array(aclEntry).optional(),
  autoclass: z
    .object({
      enabled: z.boolean(),
      toggleTime: z.string().optional(),
      terminalStorageClass: storageClass.optional(),
      terminalStorageClassUpdateTime: z.string().optional(),
    })
    .optional(),
  billing: z.object({ requesterPays: z.boolean().optional() }).optional(),
  cors: z
    .array(
      z.object({
        maxAgeSeconds: z.int().optional(),
        method: z.array(z.string()).optional(),
        origin: z.array(z.string()).optional(),
        responseHeader: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  customPlacementConfig: z.object({ dataLocations: z.array(z.string()) }).optional(),
  defaultEventBasedHold: z.boolean().optional(),
  defaultObjectAcl: z.array(aclEntry).optional(),
  encryption: z.object({ defaultKmsKeyName: z.string().optional() }).optional(),
  hierarchicalNamespace: z.object({ enabled: z.boolean().optional() }).optional(),
  iamConfiguration: z
    .object({
      uniformBucketLevelAccess: accessMode.optional(),
      bucketPolicyOnly: accessMode.optional(),
      publicAccessPrevention: z.enum(['inherited', 'enforced', 'unspecified']).optional(),
    })
    .optional(),
  labels: z.record(z.string(), z.string()).optional(),
  lifecycle: z.object({ rule: z.array(lifecycleRule).max(100).optional() }).optional(),
  logging: z.object({ logBucket: z.string().optional(), logObjectPrefix: z.string().optional() }).optional(),
  retentionPolicy: z
    .object({
      retentionPeriod: int64Text,
      effectiveTime: z.string().optional(),
      isLocked: z.boolean().optional(),
    })
    .optional(),
  rpo: z.enum(['DEFAULT', 'ASYNC_TURBO']).optional(),
  softDeletePolicy: z.object({ retentionDurationSeconds: int64Text, effectiveTime: z.string().optional() }).optional(),
  storageClass: storageClass.optional(),
  versioning: z.object({ enabled: z.boolean().optional() }).optional(),
  website: z.object({ mainPageSuffix: z.string().optional(), notFoundPage: z.string().optional() }).optional(),
});

export type BucketSettings = z.infer<typeof bucketSettings>;

const DAY_SECONDS = 86_400;
const MAX_RETENTION_SECONDS = 3_155_760_000;

/**
 * Settings as they are after a patch, with the times at which policies begin; an empty object for `before` gives those of
 * a new bucket. @throws Refusal where a value is none, or a policy forbids the change.
 */
export function patchedBucket(before: BucketSettings, patch: Record<string, unknown>, now: string): BucketSettings {
  const settings = withoutEmpty(parseAs(bucketSettings, mergePatch(before, patch)));
  return {
    ...settings,
    autoclass: autoclass(before.autoclass, settings.autoclass, now),
    iamConfiguration: accessConfiguration(before.iamConfiguration, settings.iamConfiguration, patch, now),
    retentionPolicy: retentionPolicy(before.retentionPolicy, settings.retentionPolicy, now),
    softDeletePolicy: softDeletePolicy(before.softDeletePolicy, settings.softDeletePolicy, now),
  };
}

function withoutEmpty(settings: BucketSettings): BucketSettings {
  const { labels, cors, lifecycle } = settings;
  return {
    ...settings,
    labels: labels === undefined || Object.keys(labels).length === 0 ? undefined : labels,
    cors: cors?.length === 0 ? undefined : cors,
    lifecycle: lifecycle?.rule === undefined || lifecycle.rule.length === 0 ? undefined : lifecycle,
  };
}

function autoclass(
  before: BucketSettings['autoclass'],
  after: BucketSettings['autoclass'],
  now: string,
): BucketSettings['autoclass'] {
  if (after === undefined) return undefined;
  if (!after.enabled) return { enabled: false, toggleTime: before?.enabled === false ? before.toggleTime : now };
  const { terminalStorageClass = 'NEARLINE' } = after;
  const isSame = before?.terminalStorageClass === terminalStorageClass;
  return {
    enabled: true,
    toggleTime: before?.enabled === true ? before.toggleTime : now,
    terminalStorageClass,
    terminalStorageClassUpdateTime: isSame ? before?.terminalStorageClassUpdateTime : now,
  };
}

const NINETY_DAYS_MS = 90 * DAY_SECONDS * 1000;

/** Uniform access has two names; it can be taken back for ninety days. */
function accessConfiguration(
  before: BucketSettings['iamConfiguration'],
  after: BucketSettings['iamConfiguration'],
  patch: Record<string, unknown>,
  now: string,
): BucketSettings['iamConfiguration'] {
  const named = parseAs(bucketSettings.shape.iamConfiguration, mergePatch({}, patch.iamConfiguration ?? {}));
  const wasEnabled = before?.uniformBucketLevelAccess?.enabled === true;
  const isEnabled =
    named?.uniformBucketLevelAccess?.enabled ??
    named?.bucketPolicyOnly?.enabled ??
    after?.uniformBucketLevelAccess?.enabled ??
    false;
  const locked = before?.uniformBucketLevelAccess?.lockedTime;
  if (wasEnabled && !isEnabled && locked !== undefined && locked < now)
    throw conditionNotMet('uniform bucket-level access is locked');
  const lockedTime = wasEnabled ? locked : new Date(Date.parse(now) + NINETY_DAYS_MS).toISOString();
  const access = isEnabled ? { enabled: true, lockedTime } : { enabled: false };
  return {
    bucketPolicyOnly: access,
    uniformBucketLevelAccess: access,
    publicAccessPrevention: after?.publicAccessPrevention ?? 'inherited',
  };
}

function retentionPolicy(
  before: BucketSettings['retentionPolicy'],
  after: BucketSettings['retentionPolicy'],
  now: string,
): BucketSettings['retentionPolicy'] {
  if (before?.isLocked === true) {
    if (after === undefined) throw forbidden('Cannot remove a locked Retention Policy from a bucket.');
    if (Number(after.retentionPeriod) < Number(before.retentionPeriod))
      throw forbidden('Cannot reduce retention duration of a locked Retention Policy for a bucket.');
  }
  if (after === undefined) return undefined;
  const seconds = Number(after.retentionPeriod);
  if (seconds <= 0 || seconds >= MAX_RETENTION_SECONDS)
    throw invalid('retentionPeriod is above 0 and below 100 years', 'retentionPolicy.retentionPeriod');
  const isSame = before?.retentionPeriod === after.retentionPeriod;
  return {
    retentionPeriod: after.retentionPeriod,
    effectiveTime: isSame ? before?.effectiveTime : now,
    isLocked: before?.isLocked === true ? true : undefined,
  };
}

function softDeletePolicy(
  before: BucketSettings['softDeletePolicy'],
  after: BucketSettings['softDeletePolicy'],
  now: string,
): BucketSettings['softDeletePolicy'] {
  const retentionDurationSeconds = after?.retentionDurationSeconds ?? '0';
  const seconds = Number(retentionDurationSeconds);
  if (seconds !== 0 && (seconds < 7 * DAY_SECONDS || seconds > 90 * DAY_SECONDS))
    throw new Refusal(400, 'invalid', 'softDeletePolicy.retentionDurationSeconds is 0, or 7 to 90 days.');
  const isSame = before?.retentionDurationSeconds === retentionDurationSeconds;
  return { retentionDurationSeconds, effectiveTime: isSame ? before?.effectiveTime : now };
}

import { PROJECT_PRIVATE } from '../acl/entry.ts';
import { predefinedAcl } from '../acl/predefined.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, readObject } from '../http/call.ts';
import { conflict, invalid } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { Bucket } from '../store/records.ts';
import { checkedLists, isUniform } from './access.ts';
import { placeOf } from './location.ts';
import { checkBucketName } from './names.ts';
import { bucketResource } from './resource.ts';
import { patchedBucket } from './settings.ts';

/** storage.buckets.insert */
export async function insertBucket(service: Service, call: Call): Promise<Answer> {
  const body = await readObject(call);
  const bucket = newBucket(service, call, body);
  if (service.store.state.bucket(bucket.name) !== undefined)
    throw conflict(
      'Your previous request to create the named bucket succeeded and you already own it.',
      'BucketAlreadyOwnedByYou',
    );
  await service.commit([{ t: 'bucket', bucket }]);
  return { json: bucketResource(call, bucket) };
}

function newBucket(service: Service, call: Call, body: Record<string, unknown>): Bucket {
  const now = service.now().toISOString();
  const { query } = call;
  const acl = predefinedAcl('bucket', query.get('predefinedAcl'), 'predefinedAcl');
  const objectAcl = predefinedAcl('object', query.get('predefinedDefaultObjectAcl'), 'predefinedDefaultObjectAcl');
  const softDeletePolicy = { retentionDurationSeconds: String(service.softDeleteSeconds) };
  const settings = patchedBucket({}, { softDeletePolicy, ...body }, now);
  if (settings.hierarchicalNamespace?.enabled === true && !isUniform(settings))
    throw invalid('Hierarchical namespace buckets must use uniform bucket-level access.');
  return {
    name: checkBucketName(body.name),
    project: query.get('project') ?? service.project,
    generation: String(service.store.nextGeneration()),
    metageneration: 1,
    ...placeOf(body.location, settings.customPlacementConfig?.dataLocations),
    timeCreated: now,
    updated: now,
    ...(query.get('enableObjectRetention') === 'true' ? { objectRetention: { mode: 'Enabled' } } : {}),
    settings: checkedLists({
      ...settings,
      acl: acl ?? settings.acl ?? [...PROJECT_PRIVATE],
      defaultObjectAcl: objectAcl ?? settings.defaultObjectAcl ?? [...PROJECT_PRIVATE],
    }),
  };
}

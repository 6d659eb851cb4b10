import { checkEntry } from '../acl/entry.ts';
import { predefinedAcl } from '../acl/predefined.ts';
import { checkHasLists, checkPublic } from '../buckets/access.ts';
import { bucketOf } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import { type Call, param, readObject } from '../http/call.ts';
import { forbidden, invalid } from '../http/refusal.ts';
import { eventChanges } from '../notifications/events.ts';
import type { Service } from '../service.ts';
import type { Bucket, StoredObject } from '../store/records.ts';
import { createObject } from './create.ts';
import { download } from './download.ts';
import { customerKeyHash } from './encryption.ts';
import { type Found, objectOf, softDeletedVersion, versionOf } from './lookup.ts';
import { checkPreconditions, generationOf } from './preconditions.ts';
import { removeChanges } from './replace.ts';
import { objectResource } from './resource.ts';
import { type ObjectSettings, patchedObject } from './settings.ts';

/** storage.objects.get: the resource, or with `alt=media` the bytes. */
export async function getObject(service: Service, call: Call): Promise<Answer> {
  const found = objectOf(service, call);
  checkPreconditions(call.query, found.object, { reads: true });
  if (call.query.get('alt') === 'media') return download(service, call, found.object);
  return { json: shown(call, found) };
}

/** An object as the caller may see it: the checksums of encrypted bytes only with their key. */
export function shown(call: Call, { bucket, object }: { bucket: Bucket; object: StoredObject }): object {
  const hidesChecksums = object.keySha256 !== undefined && customerKeyHash(call) !== object.keySha256;
  return objectResource(bucket, object, {
    origin: call.origin,
    full: call.query.get('projection') === 'full',
    hidesChecksums,
  });
}

/** storage.objects.delete */
export async function deleteObject(service: Service, call: Call): Promise<Answer> {
  const state = bucketOf(service, call);
  const generation = generationOf(call);
  const object = versionOf(state, param(call, 'object'), generation);
  checkPreconditions(call.query, object);
  await service.commit(removeChanges(service, state.bucket, object, generation !== undefined));
  return { status: 204 };
}

/** storage.objects.patch: changes what the body names. */
export async function patchObject(service: Service, call: Call): Promise<Answer> {
  return changeObject(service, call, await readObject(call), (settings) => settings);
}

/** storage.objects.update: replaces all that can be set, but for the storage class and what retention holds. */
export async function updateObject(service: Service, call: Call): Promise<Answer> {
  return changeObject(service, call, await readObject(call), ({ storageClass, customTime, retention }) => ({
    storageClass,
    customTime,
    retention,
  }));
}

async function changeObject(
  service: Service,
  call: Call,
  body: Record<string, unknown>,
  base: (settings: ObjectSettings) => ObjectSettings,
): Promise<Answer> {
  const found = objectOf(service, call);
  const { bucket, object } = found;
  checkPreconditions(call.query, object);
  const settings = changedSettings(call, found, body, patchedObject(base(object.settings), body));
  const released = object.settings.eventBasedHold === true && settings.eventBasedHold !== true;
  const now = service.now().toISOString();
  const changed: StoredObject = {
    ...object,
    metageneration: object.metageneration + 1,
    updated: now,
    retentionStart: released ? now : object.retentionStart,
    settings,
  };
  const told = eventChanges(service, 'OBJECT_METADATA_UPDATE', bucket, changed);
  await service.commit([{ t: 'object', object: changed }, ...told]);
  return { json: shown(call, { bucket, object: changed }) };
}

function changedSettings(
  call: Call,
  { bucket, object }: Found,
  body: Record<string, unknown>,
  settings: ObjectSettings,
): ObjectSettings {
  const before = object.settings;
  if (settings.storageClass !== before.storageClass)
    throw invalid('The storage class of an object changes by rewriting it.', 'storageClass');
  checkCustomTime(before, settings);
  checkRetentionChange(call, bucket, before, settings);
  const named = predefinedAcl('object', call.query.get('predefinedAcl'), 'predefinedAcl');
  const given =
    named ?? (body.acl === null ? bucket.settings.defaultObjectAcl : body.acl === undefined ? undefined : settings.acl);
  if (given !== undefined) checkHasLists(bucket.settings, 'object', 'update');
  checkPublic(bucket.settings, given);
  const acl = (given ?? before.acl ?? []).map((entry) => checkEntry('object', entry));
  return { ...settings, acl };
}

function checkCustomTime(before: ObjectSettings, after: ObjectSettings): void {
  if (before.customTime === undefined) return;
  if (after.customTime === undefined) throw invalid('Custom time cannot be removed once it is set.', 'customTime');
  if (after.customTime < before.customTime)
    throw invalid('Custom time cannot be set to an earlier time.', 'customTime');
}

/** A locked retention only grows; an unlocked one shrinks with `overrideUnlockedRetention`. */
function checkRetentionChange(call: Call, bucket: Bucket, before: ObjectSettings, after: ObjectSettings): void {
  if (after.retention !== undefined && bucket.objectRetention === undefined)
    throw invalid('Object retention is not enabled on this bucket.', 'retention');
  const { retention } = before;
  if (retention === undefined) return;
  const isShorter = (after.retention?.retainUntilTime ?? '') < retention.retainUntilTime;
  const isUnlocked = retention.mode === 'Locked' && after.retention?.mode !== 'Locked';
  if (retention.mode === 'Locked' && (isShorter || isUnlocked))
    throw forbidden('A locked object retention can be neither removed, shortened nor unlocked.');
  const isLocking = after.retention?.mode === 'Locked';
  if (
    (isShorter || isLocking) &&
    call.query.get('overrideUnlockedRetention') !== 'true' &&
    retention.mode === 'Unlocked'
  )
    throw forbidden('An unlocked object retention is reduced or locked only with overrideUnlockedRetention.');
}

/** storage.objects.restore: a new live generation with what the soft-deleted one had. */
export async function restoreObject(service: Service, call: Call): Promise<Answer> {
  const state = bucketOf(service, call);
  const former = softDeletedVersion(state, param(call, 'object'), call);
  const { name, blob, size, crc32c, md5Hash, componentCount, keySha256, settings } = former;
  const keepsAcl = call.query.get('copySourceAcl') === 'true';
  const object = await createObject(
    service,
    state,
    {
      name,
      blob,
      size,
      crc32c,
      md5Hash,
      componentCount,
      keySha256,
      settings: { ...settings, acl: keepsAcl ? settings.acl : undefined },
    },
    call.query,
  );
  return { json: shown(call, { bucket: state.bucket, object }) };
}

import type { Bucket } from '@google-cloud/storage';
import type { HandlerContext } from '#core/function.ts';
import { openBucket } from '#core/storage.ts';
import { tenantKey } from '#core/tenant-key.ts';
import { readObject, removeFolder, writeObject } from './objects.ts';

/** Where a run's workers keep what they work on and what they came to, in the bucket `simulation`: gone with the run. */
export interface RunObjects {
  readonly bucket: Bucket;
  readonly folder: string;
  /** Its tenant's: what a workbook holds can be told from what its runs come to. */
  readonly kmsKeyName: string;
}

export async function openRun(
  config: HandlerContext<undefined>['config'],
  tenant: string,
  runId: string,
): Promise<RunObjects> {
  const bucket = await openBucket(config, 'simulation');
  return { bucket, folder: folderOf(tenant, runId), kmsKeyName: await tenantKey(config, tenant) };
}

export function writePrepared({ bucket, folder, kmsKeyName }: RunObjects, bytes: Uint8Array): Promise<void> {
  return writeObject(bucket, `${folder}prepared`, bytes, kmsKeyName);
}

/** Throws ObjectGone where the run was never prepared, or is over. */
export function readPrepared({ bucket, folder }: RunObjects): Promise<Buffer> {
  return readObject(bucket, `${folder}prepared`);
}

/** All paths' samples of a column that was settled before the run. */
export function writeSupplied(
  { bucket, folder, kmsKeyName }: RunObjects,
  column: number,
  values: SharedArrayBuffer,
): Promise<void> {
  return writeObject(bucket, `${folder}supplied-${column}`, new Uint8Array(values), kmsKeyName);
}

/** A column's samples for some paths. */
export async function readSupplied(
  { bucket, folder }: RunObjects,
  column: number,
  start: number,
  end: number,
): Promise<SharedArrayBuffer> {
  const bytes = await readObject(bucket, `${folder}supplied-${column}`, { start: start * 8, end: end * 8 - 1 });
  const values = new SharedArrayBuffer(bytes.length);
  new Uint8Array(values).set(bytes);
  return values;
}

/** Whoever writes a portion writes the same: it may be written twice. */
export function writePartial(
  { bucket, folder, kmsKeyName }: RunObjects,
  { stage, place }: { stage: number; place: number },
  bytes: Uint8Array,
): Promise<void> {
  return writeObject(bucket, `${folder}portions/${stage}-${place}`, bytes, kmsKeyName);
}

export function readPartial(
  { bucket, folder }: RunObjects,
  { stage, place }: { stage: number; place: number },
): Promise<Buffer> {
  return readObject(bucket, `${folder}portions/${stage}-${place}`);
}

/** Removes everything that a run's workers left. What one of them still writes afterwards goes by the bucket's lifecycle. */
export async function removeRun(
  config: HandlerContext<undefined>['config'],
  tenant: string,
  runId: string,
): Promise<void> {
  await removeFolder(await openBucket(config, 'simulation'), folderOf(tenant, runId));
}

function folderOf(tenant: string, runId: string): string {
  return `runs/${tenant}/${runId}/`;
}

import { fileQuarantined, fileScanned } from '#contracts/files/events.ts';
import type { TransactionContext } from '#core/function.ts';
import { awaitsVerdict, type StoredFile } from '../domain/file.ts';
import { changeOfSpace } from '../domain/space.ts';
import type { Verdict } from '../domain/verdict.ts';
import { removeObject } from '../effects/remove-object.ts';
import { lockFile, setClean, setQuarantined } from '../store/files.ts';
import { changeSpace } from '../store/space.ts';
import type { Outcome } from './scan-and-copy.ts';

type Context = TransactionContext<{
  emits: readonly [typeof fileScanned, typeof fileQuarantined];
  effects: readonly [typeof removeObject];
}>;

interface Scanned extends Outcome {
  fileId: string;
  object: string;
  /** Of the upload that was scanned. */
  generation: string;
}

/** Commits what became of an upload, once. A file that was deleted meanwhile takes its copy with it. */
export async function commitVerdict(context: Context, scanned: Scanned): Promise<void> {
  const { fileId, object, generation, verdict, copy } = scanned;
  const file = await lockFile(context.tx, fileId);
  if (!awaitsVerdict(file, generation)) {
    if (file?.state === 'deleted' && copy.generation !== undefined)
      context.intend(removeObject, context.newId(), {
        bucket: copy.bucketName,
        object,
        generation: copy.generation,
      });
    return;
  }
  await changeSpace(context.tx, changeOfSpace(file.state, verdict.kind, file.bytes));
  if (verdict.kind === 'clean') await release(context, file, object, verdict, copy);
  else await quarantine(context, file, verdict, copy);
  context.intend(removeObject, context.newId(), { bucket: 'uploads', object, generation });
}

async function release(
  { tx, now, publish }: Context,
  { fileId, ownerId, name, contentType, bytes, sha256 }: StoredFile,
  object: string,
  { contentKind: kind }: Extract<Verdict, { kind: 'clean' }>,
  { bucket, generation }: Outcome['copy'],
): Promise<void> {
  if (generation === undefined) throw new Error(`${fileId} is clean and has no object`);
  await setClean(tx, fileId, { generation, kind, at: now });
  const scannedAt = now.toISOString();
  publish(fileScanned, {
    fileId,
    ownerId,
    name,
    contentType,
    bytes,
    sha256,
    bucket,
    object,
    generation,
    kind,
    scannedAt,
  });
}

async function quarantine(
  { tx, now, publish }: Context,
  { fileId, ownerId, name }: StoredFile,
  { reason, detail }: Extract<Verdict, { kind: 'quarantined' }>,
  { generation }: Outcome['copy'],
): Promise<void> {
  await setQuarantined(tx, fileId, { generation, reason, detail, at: now });
  publish(fileQuarantined, { fileId, ownerId, name, reason, detail, at: now.toISOString() });
}

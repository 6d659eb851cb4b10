import type { Transaction } from '#core/database.ts';
import type { FileKind, QuarantineReason, StoredFile } from '../domain/file.ts';
import { type FileRow, toFile } from './file-row.ts';

export async function findFile(tx: Transaction, fileId: string): Promise<StoredFile | undefined> {
  const [row] = await tx<FileRow[]>`select * from file_metadata where file_id = ${fileId}`;
  return row === undefined ? undefined : toFile(row);
}

/** Its lock is taken before that of the organisation's space. */
export async function lockFile(tx: Transaction, fileId: string): Promise<StoredFile | undefined> {
  const [row] = await tx<FileRow[]>`select * from file_metadata where file_id = ${fileId} for update`;
  return row === undefined ? undefined : toFile(row);
}

export type NewFile = Pick<
  StoredFile,
  'fileId' | 'ownerId' | 'name' | 'contentType' | 'bytes' | 'sha256' | 'md5' | 'crc32c' | 'labels'
>;

/** Whether it is new: a request that is repeated has the same id. */
export async function insertFile(tx: Transaction, file: NewFile, now: Date): Promise<boolean> {
  const inserted = await tx`
    insert into file_metadata (file_id, owner_id, name, content_type, bytes, sha256, md5, crc32c, labels, state, created_at)
    values (${file.fileId}, ${file.ownerId}, ${file.name}, ${file.contentType}, ${file.bytes}, ${file.sha256},
      ${file.md5 ?? null}, ${file.crc32c ?? null}, ${tx.json(file.labels)}, 'awaiting-upload', ${now})
    on conflict do nothing returning file_id`;
  return inserted.length > 0;
}

export async function setScanning(tx: Transaction, fileId: string, generation: string, at: Date): Promise<void> {
  await tx`update file_metadata set state = 'scanning', generation = ${generation}, uploaded_at = ${at}
    where file_id = ${fileId}`;
}

export async function setClean(
  tx: Transaction,
  fileId: string,
  { generation, kind, at }: { generation: string; kind: FileKind; at: Date },
): Promise<void> {
  await tx`update file_metadata set state = 'clean', generation = ${generation}, kind = ${kind}, scanned_at = ${at}
    where file_id = ${fileId}`;
}

/** `generation`: undefined where there is no object to keep. */
export async function setQuarantined(
  tx: Transaction,
  fileId: string,
  {
    generation,
    reason,
    detail,
    at,
  }: { generation: string | undefined; reason: QuarantineReason; detail: string; at: Date },
): Promise<void> {
  await tx`update file_metadata set state = 'quarantined', generation = ${generation ?? null},
      quarantine_reason = ${reason}, quarantine_detail = ${detail}, scanned_at = ${at}
    where file_id = ${fileId}`;
}

export async function setDeleted(tx: Transaction, fileId: string, at: Date): Promise<void> {
  await tx`update file_metadata set state = 'deleted', generation = null, deleted_at = ${at} where file_id = ${fileId}`;
}

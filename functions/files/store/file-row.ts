import type { FileKind, FileState, QuarantineReason, StoredFile } from '../domain/file.ts';

export interface FileRow {
  file_id: string;
  owner_id: string;
  name: string;
  content_type: string;
  bytes: string;
  sha256: string;
  md5: string | null;
  crc32c: string | null;
  labels: Record<string, string>;
  state: FileState;
  generation: string | null;
  kind: FileKind | null;
  quarantine_reason: QuarantineReason | null;
  quarantine_detail: string | null;
  created_at: Date;
  scanned_at: Date | null;
}

export function toFile(row: FileRow): StoredFile {
  return {
    fileId: row.file_id,
    ownerId: row.owner_id,
    name: row.name,
    contentType: row.content_type,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    md5: row.md5 ?? undefined,
    crc32c: row.crc32c ?? undefined,
    labels: row.labels,
    state: row.state,
    generation: row.generation ?? undefined,
    kind: row.kind ?? undefined,
    quarantine:
      row.quarantine_reason === null
        ? undefined
        : { reason: row.quarantine_reason, detail: row.quarantine_detail ?? '' },
    createdAt: row.created_at,
    scannedAt: row.scanned_at ?? undefined,
  };
}

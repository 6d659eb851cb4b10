export type FileState = 'awaiting-upload' | 'scanning' | 'clean' | 'quarantined' | 'deleted';
export type FileKind = 'workbook' | 'image' | 'document' | 'other';

export type QuarantineReason =
  | 'malware'
  | 'macros'
  | 'encrypted'
  | 'archive-bomb'
  | 'broken-archive'
  | 'unreadable-archive'
  | 'hidden-archive'
  | 'size-mismatch'
  | 'checksum-mismatch'
  | 'too-large-to-scan'
  | 'lost';

/** What is known of a file. */
export interface StoredFile {
  fileId: string;
  ownerId: string;
  name: string;
  contentType: string;
  /** Length, SHA-256 in hexadecimal, and MD5 and CRC32C in base64, as declared. */
  bytes: number;
  sha256: string;
  md5: string | undefined;
  crc32c: string | undefined;
  labels: Record<string, string>;
  state: FileState;
  /** Of the object in the bucket of its state. */
  generation: string | undefined;
  kind: FileKind | undefined;
  quarantine: { reason: QuarantineReason; detail: string } | undefined;
  createdAt: Date;
  scannedAt: Date | undefined;
}

/** Where a file's bytes lie in each of its states, by the bucket's short name. */
export const BUCKET_BY_STATE = {
  'awaiting-upload': 'uploads',
  scanning: 'uploads',
  clean: 'files',
  quarantined: 'quarantine',
  deleted: undefined,
} as const satisfies Record<FileState, string | undefined>;

/**
 * What an object that lies among the uploads is to a file: its bytes, to be scanned; its bytes already known; or nothing, because
 * the file has others or is done with.
 */
export function arrivalOf(
  file: Pick<StoredFile, 'state' | 'generation'> | undefined,
  generation: string,
): 'new' | 'known' | 'stray' {
  if (file?.state === 'awaiting-upload') return 'new';
  return file?.state === 'scanning' && file.generation === generation ? 'known' : 'stray';
}

/** Whether what a scan of that generation found still counts. */
export function awaitsVerdict<File extends Pick<StoredFile, 'state' | 'generation'>>(
  file: File | undefined,
  generation: string,
): file is File & { state: 'scanning' } {
  return arrivalOf(file, generation) === 'known';
}

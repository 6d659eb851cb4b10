import type { FileKind, QuarantineReason, StoredFile } from './file.ts';

export type Verdict =
  | { kind: 'clean'; contentKind: FileKind }
  | { kind: 'quarantined'; reason: QuarantineReason; detail: string };

/** What Cloud Storage says of an object; checksums in base64. */
export interface ObjectFacts {
  bytes: number;
  md5: string | undefined;
  crc32c: string | undefined;
}

/** What reading the whole object showed. */
export interface ScanResult {
  bytes: number;
  sha256: string;
  contentKind: FileKind;
}

type Expected = Pick<StoredFile, 'bytes' | 'sha256' | 'md5' | 'crc32c'>;

/** What can be said before a byte is read; undefined where nothing speaks against the object. */
export function judgeFacts(expected: Expected, facts: ObjectFacts): Verdict | undefined {
  if (facts.bytes !== expected.bytes) return wrongSize(expected, facts.bytes);
  if (expected.md5 !== undefined && facts.md5 !== expected.md5) return wrongChecksum('MD5', expected.md5, facts.md5);
  if (expected.crc32c !== undefined && facts.crc32c !== expected.crc32c)
    return wrongChecksum('CRC32C', expected.crc32c, facts.crc32c);
  return undefined;
}

/** What a scan that found nothing amounts to: clean, if these are the bytes that were declared. */
export function judgeScan(expected: Expected, result: ScanResult): Verdict {
  if (result.bytes !== expected.bytes) return wrongSize(expected, result.bytes);
  if (result.sha256 !== expected.sha256) return wrongChecksum('SHA-256', expected.sha256, result.sha256);
  return { kind: 'clean', contentKind: result.contentKind };
}

function wrongSize(expected: Expected, bytes: number): Verdict {
  return {
    kind: 'quarantined',
    reason: 'size-mismatch',
    detail: `${expected.bytes} bytes were declared, ${bytes} came`,
  };
}

function wrongChecksum(name: string, expected: string, actual: string | undefined): Verdict {
  return {
    kind: 'quarantined',
    reason: 'checksum-mismatch',
    detail: `the ${name} ${expected} was declared, what came has ${actual ?? 'none'}`,
  };
}

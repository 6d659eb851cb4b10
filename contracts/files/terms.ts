import * as z from 'zod';

/** What a file's bytes are, whatever its name says. */
export const fileKind = z.enum(['workbook', 'image', 'document', 'other']);

export const fileState = z.enum(['awaiting-upload', 'scanning', 'clean', 'quarantined', 'deleted']);

/** Why a file was refused; each comes with a sentence. */
export const quarantineReason = z.enum([
  'malware',
  'macros',
  'encrypted',
  'archive-bomb',
  'broken-archive',
  'unreadable-archive',
  'hidden-archive',
  'size-mismatch',
  'checksum-mismatch',
  'too-large-to-scan',
  'lost',
]);

/** In hexadecimal, as `sha256sum` prints it. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 lower-case hexadecimal digits');

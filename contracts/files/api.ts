import * as z from 'zod';
import { objectNotification } from '../kit/object-notification.ts';
import { operation } from '../kit/operation.ts';
import { instant } from '../kit/trading-terms.ts';
import { fileKind, fileState, quarantineReason, sha256 } from './terms.ts';

const labelName = /^[a-z][a-z0-9_-]{0,62}$/;
/** What people say of a file, to find it by. */
const labels = z
  .record(z.string().regex(labelName), z.string().max(200))
  .refine((given) => Object.keys(given).length <= 20, 'at most 20 labels');
const contentType = z
  .string()
  .max(127)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$/,
    'must be a media type such as "text/csv"',
  );
const access = z.enum(['read', 'write']);
const permissions = z
  .array(
    z.union([
      z.strictObject({ user: z.string().min(1).max(100), access }),
      z.strictObject({ role: z.string().min(1).max(100), access }),
    ]),
  )
  .max(200);

const file = z.object({
  fileId: z.uuid(),
  name: z.string(),
  /** As declared; `kind` is what the bytes were found to be. */
  contentType: z.string(),
  kind: fileKind.optional(),
  bytes: z.int(),
  sha256,
  labels,
  ownerId: z.string(),
  state: fileState,
  /** Of a file in quarantine: a closed code and a sentence. */
  quarantine: z.object({ reason: quarantineReason, detail: z.string() }).optional(),
  createdAt: instant,
  scannedAt: instant.optional(),
});

/** An address that opens to whoever has it, until then. */
const openUntil = { url: z.url(), expiresAt: instant };

export const uploadFile = operation({
  method: 'POST',
  path: '/v1/files/upload',
  summary: 'Asks where to put a file: one PUT, or an upload that can be resumed. Both take these bytes and no others',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
    name: z.string().min(1).max(255),
    contentType,
    bytes: z.int().min(1).max(1_099_511_627_776),
    sha256,
    /** Base64, as Cloud Storage has them: what is sent here is checked while the bytes arrive. */
    md5: z
      .string()
      .regex(/^[A-Za-z0-9+/]{22}==$/)
      .optional(),
    crc32c: z
      .string()
      .regex(/^[A-Za-z0-9+/]{6}==$/)
      .optional(),
    labels: labels.default({}),
  }),
  output: z.object({
    fileId: z.uuid(),
    /** Send the bytes with exactly these headers. */
    upload: z.object({ ...openUntil, method: z.literal('PUT'), headers: z.record(z.string(), z.string()) }),
    /** POST nothing with these headers: `Location` in the answer takes the bytes in pieces, and tells how far they came. */
    resumable: z.object({ ...openUntil, method: z.literal('POST'), headers: z.record(z.string(), z.string()) }),
  }),
  problems: ['too-large', 'storage-quota-exceeded'],
  status: 201,
});

export const getFile = operation({
  method: 'GET',
  path: '/v1/files/{id}',
  summary: 'What is known of one file',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: file.extend({ permissions: permissions.optional() }),
  problems: ['not-found'],
  quotaPerMinute: 6_000,
});

export const listFiles = operation({
  method: 'GET',
  path: '/v1/files/list',
  summary: 'The files one may see, the latest first',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
    /** Part of the name, whatever its letters' case. */
    name: z.string().min(1).max(255).optional(),
    kind: fileKind.optional(),
    state: fileState.exclude(['deleted']).optional(),
    contentType: contentType.optional(),
    ownerId: z.string().max(100).optional(),
    sha256: sha256.optional(),
    /** `name:value`, several with commas between: files that have all of them. */
    labels: z.string().max(2_000).optional(),
    createdFrom: instant.optional(),
    createdBefore: instant.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    /** `next` of the page before. */
    after: z.string().max(200).optional(),
  }),
  output: z.object({
    files: z.array(file),
    /** Absent on the last page. */
    next: z.string().optional(),
  }),
  problems: ['invalid-request'],
  quotaPerMinute: 6_000,
});

export const downloadFile = operation({
  method: 'GET',
  path: '/v1/files/{id}/download',
  summary: 'Where to fetch a clean file',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: z.object(openUntil),
  problems: ['not-found', 'not-clean'],
});

export const deleteFile = operation({
  method: 'DELETE',
  path: '/v1/files/{id}',
  summary: 'Deletes a file for good, or gives up its upload',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({ fileId: z.uuid(), state: z.literal('deleted') }),
  problems: ['not-found', 'forbidden'],
});

export const changePermissions = operation({
  method: 'PUT',
  path: '/v1/files/{id}/permissions',
  summary: 'Says who in the organisation may read or write a file, beside its owner and the administrators',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid(), permissions }),
  output: z.object({ fileId: z.uuid(), permissions }),
  problems: ['not-found', 'forbidden'],
});

export const getStorageUsage = operation({
  method: 'GET',
  path: '/v1/files/storage/usage',
  summary: "How much of its space an organisation's files take",
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({
    plan: z.string(),
    usedBytes: z.int(),
    /** Held for uploads that are asked for, under way or being scanned. */
    reservedBytes: z.int(),
    quotaBytes: z.int(),
    bytesLeft: z.int(),
    largestFileBytes: z.int(),
    files: z.int(),
  }),
  quotaPerMinute: 6_000,
});

export const takeObject = operation({
  method: 'POST',
  path: '/internal/files/objects',
  summary: 'Takes what Cloud Storage tells of an uploaded object',
  audience: 'internal',
  roles: 'authenticated',
  input: objectNotification,
  output: z.object({ taken: z.literal(true) }),
});

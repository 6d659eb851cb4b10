/** What the store keeps, and how it changes: each change sets or deletes one thing as a whole. Times are ISO 8601 in UTC. */
import type { BucketSettings } from '../buckets/settings.ts';
import type { ObjectSettings } from '../objects/settings.ts';
import type { Declared } from '../uploads/intake.ts';

export interface IamBinding {
  role: string;
  members: string[];
  condition?: { title?: string | undefined; description?: string | undefined; expression: string } | undefined;
}

export interface Bucket {
  name: string;
  project: string;
  generation: string;
  metageneration: number;
  location: string;
  locationType: string;
  timeCreated: string;
  updated: string;
  softDeleteTime?: string | undefined;
  hardDeleteTime?: string | undefined;
  objectRetention?: { mode: string } | undefined;
  settings: BucketSettings;
  /** Set once somebody has set a policy; before that it follows from the project. */
  iamBindings?: IamBinding[] | undefined;
  iamVersion?: number | undefined;
  /** How often a policy was set; the bucket's metageneration does not count that. */
  iamRevision?: number | undefined;
}

/** One generation of an object. It is live, noncurrent (`timeDeleted`) or soft-deleted (`softDeleteTime`). */
export interface StoredObject {
  bucket: string;
  /** Of which of the buckets that had this name. */
  bucketGeneration: string;
  name: string;
  /** Microseconds since 1970, of which no two are alike. */
  generation: number;
  metageneration: number;
  /** The file with its bytes; several generations may share one. */
  blob: string;
  size: number;
  /** Base64 of the big-endian checksum. */
  crc32c: string;
  /** Base64; a composed object has none. */
  md5Hash?: string | undefined;
  componentCount?: number | undefined;
  timeCreated: string;
  updated: string;
  timeStorageClassUpdated: string;
  timeDeleted?: string | undefined;
  softDeleteTime?: string | undefined;
  hardDeleteTime?: string | undefined;
  restoreToken?: string | undefined;
  /** From when the bucket's retention period counts, where an event-based hold was released. */
  retentionStart?: string | undefined;
  /** Base64 of the SHA-256 of a customer-supplied key. */
  keySha256?: string | undefined;
  kmsKeyName?: string | undefined;
  /** How the blob is to be read, where it is not the bytes as they are. */
  sealed?: Sealed | undefined;
  settings: ObjectSettings;
}

/** Bytes under a key of their own, which is kept only as another key has encrypted it. */
export interface Sealed {
  /** In Cloud KMS, without a version. */
  keyName: string;
  /** Base64. */
  wrappedKey: string;
}

/** An upload in parts or chunks that is under way. */
export interface UploadSession {
  id: string;
  bucket: string;
  name: string;
  startedAt: string;
  blob: string;
  settings: ObjectSettings;
  /** The request's query, with its preconditions: they hold when the object is made. */
  query: string;
  origin?: string | undefined;
  keySha256?: string | undefined;
  declared: Declared;
  /** The object that it became, for a query of its status afterwards. */
  finished?: { generation: number } | undefined;
}

/** One XML multipart upload. */
export interface PartsUpload {
  id: string;
  bucket: string;
  name: string;
  startedAt: string;
  settings: ObjectSettings;
  keySha256?: string | undefined;
  /** The preconditions that hold when the object is made. */
  query: string;
  parts: Record<string, StoredPart>;
}

export interface StoredPart {
  blob: string;
  size: number;
  crc32c: string;
  md5Hash: string;
  updated: string;
}

export interface HmacKey {
  accessId: string;
  secret: string;
  project: string;
  serviceAccountEmail: string;
  state: string;
  timeCreated: string;
  updated: string;
  revision: number;
}

export interface NotificationConfig {
  id: string;
  bucket: string;
  topic: string;
  payloadFormat: string;
  eventTypes?: string[] | undefined;
  customAttributes?: Record<string, string> | undefined;
  objectNamePrefix?: string | undefined;
}

/** A Pub/Sub message that is still to be published. */
export interface PendingEvent {
  id: string;
  topic: string;
  attributes: Record<string, string>;
  /** Base64. */
  data: string;
}

export type Change =
  | { t: 'bucket'; bucket: Bucket }
  | { t: 'bucket-gone'; name: string; generation: string }
  | { t: 'object'; object: StoredObject }
  | { t: 'object-gone'; bucketGeneration: string; name: string; generation: number }
  | { t: 'upload'; upload: UploadSession }
  | { t: 'upload-gone'; id: string }
  | { t: 'parts'; upload: PartsUpload }
  | { t: 'parts-gone'; id: string }
  | { t: 'hmac'; key: HmacKey }
  | { t: 'hmac-gone'; accessId: string }
  | { t: 'notification'; config: NotificationConfig }
  | { t: 'notification-gone'; bucket: string; id: string }
  | { t: 'event'; event: PendingEvent }
  | { t: 'event-gone'; id: string };

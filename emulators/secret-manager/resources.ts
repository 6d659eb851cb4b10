/** google.cloud.secretmanager.v1's resources as they are stored, in the parts that the local Secret Manager reads. */

export interface Timestamp {
  seconds?: number;
  nanos?: number;
}

export interface Secret {
  name: string;
  replication?: { automatic?: object; userManaged?: { replicas?: { location?: string }[] } };
  createTime: Timestamp;
  labels?: Record<string, string>;
  topics?: object[];
  expireTime?: Timestamp;
  etag: string;
  rotation?: object;
  versionAliases?: Record<string, number>;
  annotations?: Record<string, string>;
  versionDestroyTtl?: Timestamp;
  customerManagedEncryption?: object;
  secretType?: string;
  /** How many versions it ever had: numbers are never used twice. */
  versions: number;
}

/** A secret as a request gives it. */
export type GivenSecret = Partial<Omit<Secret, 'versions'>> & { ttl?: Timestamp };

export interface SecretVersion {
  name: string;
  number: number;
  createTime: Timestamp;
  destroyTime?: Timestamp;
  scheduledDestroyTime?: Timestamp;
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
  replicationStatus?: object;
  etag: string;
  clientSpecifiedPayloadChecksum: boolean;
  /** Base64; gone once it is destroyed. */
  data?: string;
}

export const milliseconds = ({ seconds = 0, nanos = 0 }: Timestamp): number => seconds * 1000 + nanos / 1_000_000;

export const timestamp = (ms: number): Timestamp => ({
  seconds: Math.floor(ms / 1000),
  nanos: (ms % 1000) * 1_000_000,
});

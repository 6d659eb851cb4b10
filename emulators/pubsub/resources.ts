/** google.pubsub.v1's resources as plain objects, in the parts that the local Pub/Sub reads; the rest is kept as it came. */

export interface Duration {
  seconds?: number;
  nanos?: number;
}

export interface Timestamp {
  seconds?: number;
  nanos?: number;
}

export type Encoding = 'ENCODING_UNSPECIFIED' | 'JSON' | 'BINARY';

interface SchemaSettings {
  schema?: string;
  encoding?: Encoding;
  firstRevisionId?: string;
  lastRevisionId?: string;
}

export interface TopicResource {
  name?: string;
  labels?: Record<string, string>;
  messageStoragePolicy?: object;
  kmsKeyName?: string;
  schemaSettings?: SchemaSettings;
  messageRetentionDuration?: Duration;
  state?: string;
  ingestionDataSourceSettings?: object;
  messageTransforms?: object[];
}

export interface PushConfig {
  pushEndpoint?: string;
  attributes?: Record<string, string>;
  oidcToken?: { serviceAccountEmail?: string; audience?: string };
  pubsubWrapper?: object;
  noWrapper?: { writeMetadata?: boolean };
}

export interface CloudStorageConfig {
  bucket?: string;
  filenamePrefix?: string;
  filenameSuffix?: string;
  filenameDatetimeFormat?: string;
  textConfig?: object;
  avroConfig?: { writeMetadata?: boolean; useTopicSchema?: boolean };
  maxDuration?: Duration;
  maxBytes?: number;
  maxMessages?: number;
  state?: 'ACTIVE' | 'PERMISSION_DENIED' | 'NOT_FOUND';
  serviceAccountEmail?: string;
}

export interface SubscriptionResource {
  name?: string;
  topic?: string;
  pushConfig?: PushConfig;
  bigqueryConfig?: object;
  cloudStorageConfig?: CloudStorageConfig;
  bigtableConfig?: object;
  ackDeadlineSeconds?: number;
  retainAckedMessages?: boolean;
  messageRetentionDuration?: Duration;
  labels?: Record<string, string>;
  enableMessageOrdering?: boolean;
  expirationPolicy?: { ttl?: Duration };
  filter?: string;
  deadLetterPolicy?: { deadLetterTopic?: string; maxDeliveryAttempts?: number };
  retryPolicy?: { minimumBackoff?: Duration; maximumBackoff?: Duration };
  detached?: boolean;
  enableExactlyOnceDelivery?: boolean;
  topicMessageRetentionDuration?: Duration;
  state?: string;
  messageTransforms?: object[];
}

export interface SnapshotResource {
  name?: string;
  topic?: string;
  expireTime?: Timestamp;
  labels?: Record<string, string>;
}

type SchemaType = 'TYPE_UNSPECIFIED' | 'PROTOCOL_BUFFER' | 'AVRO';

export interface SchemaResource {
  name?: string;
  type?: SchemaType;
  definition?: string;
  revisionId?: string;
  revisionCreateTime?: Timestamp;
}

export const milliseconds = (duration: Duration | Timestamp): number =>
  (duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / 1_000_000;

/** A time in milliseconds since 1970 as the API writes it. */
export const timestamp = (time: number): Timestamp => ({
  seconds: Math.floor(time / 1000),
  nanos: Math.round((time - Math.floor(time / 1000) * 1000) * 1_000_000),
});

import * as z from 'zod';
import type { Resource } from './recorder.ts';

/**
 * The graph's resources as the local cloud reads them, one reader a type. Each throws where the program stopped writing what is
 * read here, so that a renamed property cannot pass unnoticed.
 */
function reader<Inputs extends z.ZodType>(type: string, inputs: Inputs) {
  return (resources: readonly Resource[]): z.infer<Inputs>[] =>
    resources.filter((resource) => resource.type === type).map((resource) => parsed(resource, inputs));
}

function parsed<Inputs extends z.ZodType>({ type, name, inputs }: Resource, schema: Inputs): z.infer<Inputs> {
  const read = schema.safeParse(inputs);
  if (read.success) return read.data;
  throw new Error(`${type} ${name}: ${z.prettifyError(read.error)}`);
}

const text = z.string();
const variables = z.record(z.string(), z.string());
const oidcToken = z.object({ serviceAccountEmail: text, audience: text });

export const topics = reader(
  'gcp:pubsub/topic:Topic',
  z.object({ name: text, schemaSettings: z.object({ schema: text }).optional() }),
);

export const schemas = reader('gcp:pubsub/schema:Schema', z.object({ name: text, definition: text }));

const subscription = z.object({
  name: text,
  topic: text,
  enableMessageOrdering: z.boolean().default(false),
  messageRetentionDuration: text,
  ackDeadlineSeconds: z.number().default(10),
  filter: z.string().default(''),
  retryPolicy: z
    .object({ minimumBackoff: text, maximumBackoff: text })
    .default({ minimumBackoff: '0s', maximumBackoff: '0s' }),
  deadLetterPolicy: z.object({ deadLetterTopic: text, maxDeliveryAttempts: z.number() }).optional(),
  pushConfig: z.object({ pushEndpoint: text, oidcToken }).optional(),
});
export type Subscription = z.infer<typeof subscription>;
export const subscriptions = reader('gcp:pubsub/subscription:Subscription', subscription);

export const functions = reader(
  'gcp:cloudfunctionsv2/function:Function',
  z.object({
    name: text,
    serviceConfig: z.object({
      serviceAccountEmail: text,
      environmentVariables: variables,
      secretEnvironmentVariables: z.array(z.object({ key: text, secret: text })),
      timeoutSeconds: z.number(),
      availableMemory: text,
      availableCpu: text,
      ingressSettings: text,
      maxInstanceRequestConcurrency: z.number(),
      minInstanceCount: z.number(),
      maxInstanceCount: z.number(),
    }),
  }),
);

export const apiConfigs = reader(
  'gcp:apigateway/apiConfig:ApiConfig',
  z.object({
    openapiDocuments: z.array(z.object({ document: z.object({ contents: text }) })),
    gatewayConfig: z.object({ backendConfig: z.object({ googleServiceAccount: text }) }),
  }),
);

const schedule = z.object({
  name: text,
  schedule: text,
  timeZone: text,
  attemptDeadline: text,
  httpTarget: z.object({ uri: text, oidcToken }),
});
export type Schedule = z.infer<typeof schedule>;
export const schedules = reader('gcp:cloudscheduler/job:Job', schedule);

export const secretVersions = reader(
  'gcp:secretmanager/secretVersion:SecretVersion',
  z.object({ secret: text, secretData: text }),
);

const bucket = z.object({
  name: text,
  versioning: z.object({ enabled: z.boolean() }),
  lifecycleRules: z.array(z.object({ condition: z.object({ age: z.number() }) })).default([]),
  cors: z
    .array(
      z.object({
        origins: z.array(text),
        methods: z.array(text),
        responseHeaders: z.array(text),
        maxAgeSeconds: z.number(),
      }),
    )
    .default([]),
});
export const buckets = reader('gcp:storage/bucket:Bucket', bucket);

export const notifications = reader(
  'gcp:storage/notification:Notification',
  z.object({ bucket: text, topic: text, eventTypes: z.array(text), payloadFormat: text }),
);

const container = z.object({
  image: text,
  envs: z.array(
    z.object({
      name: text,
      value: text.optional(),
      valueSource: z.object({ secretKeyRef: z.object({ secret: text }) }).optional(),
    }),
  ),
});
const job = z.object({
  name: text,
  location: text,
  labels: z.object({ kind: text }).optional(),
  template: z.object({
    template: z.object({
      serviceAccount: text,
      maxRetries: z.number(),
      timeout: text,
      containers: z.tuple([container]),
    }),
  }),
});
export type Job = z.infer<typeof job>;
/** Jobs that a context declares; those that migrate are none. */
export const jobs = (resources: readonly Resource[]): Job[] =>
  reader('gcp:cloudrunv2/job:Job', job)(resources).filter(({ labels }) => labels?.kind === 'job');

export const keyRings = reader('gcp:kms/keyRing:KeyRing', z.object({ name: text }));

const grant = { role: text, member: text };
export const topicGrants = reader('gcp:pubsub/topicIAMMember:TopicIAMMember', z.object({ topic: text, ...grant }));
export const invokerGrants = reader(
  'gcp:cloudrunv2/serviceIamMember:ServiceIamMember',
  z.object({ name: text, ...grant }),
);
export const projectGrants = reader('gcp:projects/iAMMember:IAMMember', z.object({ project: text, ...grant }));
export const bucketGrants = reader('gcp:storage/bucketIAMMember:BucketIAMMember', z.object({ bucket: text, ...grant }));
export const accountGrants = reader(
  'gcp:serviceaccount/iAMMember:IAMMember',
  z.object({ serviceAccountId: text, ...grant }),
);
export const serviceAccountIds = reader('gcp:serviceaccount/account:Account', z.object({ accountId: text }));

const documentIndex = z.object({
  collection: text,
  queryScope: z.enum(['COLLECTION', 'COLLECTION_GROUP']).default('COLLECTION'),
  fields: z.array(
    z.union([
      z.object({ fieldPath: text, order: z.enum(['ASCENDING', 'DESCENDING']) }),
      z.object({ fieldPath: text, arrayConfig: z.literal('CONTAINS') }),
      z.object({ fieldPath: text, vectorConfig: z.object({ dimension: z.number() }) }),
    ]),
  ),
});
export type DocumentIndex = z.infer<typeof documentIndex>;
export const documentIndexes = reader('gcp:firestore/index:Index', documentIndex);

import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Manifest, ManifestEntry } from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';
import type { Addresses } from './addresses.ts';
import { computeOf } from './compute.ts';
import { receivesPushes, takesDeadLetters } from './invokers.ts';
import { DEAD_LETTERS } from './naming.ts';
import { type ObjectTopics, takenBucket } from './notifications.ts';
import type { Topics } from './topics.ts';

/** Pub/Sub's most. With the longest back-off it is most of a day: an outage must not empty the queues into dead letters. */
const MAX_DELIVERY_ATTEMPTS = 100;
const DEAD_LETTER_RETENTION = `${31 * 86_400}s`;
const RETENTION = `${7 * 86_400}s`;
const MIN_ACK_DEADLINE_SECONDS = 10;
const NEVER_EXPIRES = { ttl: '' };

/** What pushing goes by. */
export interface Delivery {
  settings: Settings;
  accounts: Accounts;
  addresses: Addresses;
  topics: Topics;
  objects: ObjectTopics;
  /** A function, and who may invoke it: what a push waits for. */
  callable: (functionName: string) => pulumi.Resource[];
}

/**
 * A push subscription for each consumer, which never expires and whose undeliverable messages end in dead letters. Without the
 * roles of Pub/Sub's own account, dead-lettering fails silently:
 * https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions
 */
export function createSubscriptions(delivery: Delivery, manifest: Manifest): void {
  const { settings, topics } = delivery;
  const agent = new gcp.projects.ServiceIdentity('pubsub', {
    project: settings.project,
    service: 'pubsub.googleapis.com',
  });
  const forwarding = new gcp.pubsub.TopicIAMMember(`${DEAD_LETTERS}-published-by-pubsub`, {
    topic: topics.deadLetters.name,
    role: 'roles/pubsub.publisher',
    member: agent.member,
  });
  const tokens = letAgentPush(delivery, manifest, agent);
  const waitsFor = (name: string) => [forwarding, ...tokens, ...delivery.callable(name)];
  for (const entry of manifest.functions) {
    const source = sourceOf(delivery, entry);
    if (source !== undefined) subscribe(delivery, entry, source, agent, waitsFor(entry.name));
  }
  keepDeadLetters(delivery, manifest.functions.find(takesDeadLetters), waitsFor);
}

/** The topic that is pushed to a function, and whether in order: an event's, or the one where a bucket tells of its objects. */
function sourceOf(
  { topics, objects }: Delivery,
  entry: ManifestEntry,
): { topic: gcp.pubsub.Topic; ordered: boolean } | undefined {
  const { declaration } = entry;
  if (declaration.kind === 'event') {
    const { topic, orderBy } = declaration.contract;
    return { topic: topicOf(topics.events, topic), ordered: orderBy !== undefined };
  }
  const [bucket] = takenBucket(entry);
  return bucket === undefined ? undefined : { topic: topicOf(objects, bucket), ordered: false };
}

function subscribe(
  delivery: Delivery,
  entry: ManifestEntry,
  { topic, ordered }: { topic: gcp.pubsub.Topic; ordered: boolean },
  agent: gcp.projects.ServiceIdentity,
  waitsFor: pulumi.Resource[],
): void {
  const { name } = entry;
  const subscription = new gcp.pubsub.Subscription(
    name,
    {
      name,
      topic: topic.id,
      enableMessageOrdering: ordered,
      messageRetentionDuration: RETENTION,
      expirationPolicy: NEVER_EXPIRES,
      deadLetterPolicy: { deadLetterTopic: delivery.topics.deadLetters.id, maxDeliveryAttempts: MAX_DELIVERY_ATTEMPTS },
      ...pushTo(delivery, entry),
    },
    { dependsOn: waitsFor },
  );
  new gcp.pubsub.SubscriptionIAMMember(`${name}-forwarded-by-pubsub`, {
    subscription: subscription.name,
    role: 'roles/pubsub.subscriber',
    member: agent.member,
  });
}

function pushTo({ settings, accounts, addresses }: Delivery, { name, context, declaration }: ManifestEntry) {
  const { retryMinimumSeconds, retryMaximumSeconds } = settings.messaging;
  const { timeoutSeconds } = computeOf(declaration.deployment, settings);
  // An operation is found by its path; an event's consumer takes its function's root.
  const path = declaration.kind === 'http' ? declaration.contract.path : '';
  return {
    ackDeadlineSeconds: Math.max(timeoutSeconds, MIN_ACK_DEADLINE_SECONDS),
    retryPolicy: { minimumBackoff: `${retryMinimumSeconds}s`, maximumBackoff: `${retryMaximumSeconds}s` },
    pushConfig: {
      pushEndpoint: pulumi.interpolate`${addresses(name)}${path}`,
      oidcToken: { serviceAccountEmail: accountOf(accounts.push, context).email, audience: addresses(name) },
    },
  };
}

/** Dead letters wait 31 days, whoever takes them in: a subscription without a consumer keeps them until somebody looks. */
function keepDeadLetters(
  delivery: Delivery,
  taker: ManifestEntry | undefined,
  waitsFor: (name: string) => pulumi.Resource[],
): void {
  const name = taker?.name ?? DEAD_LETTERS;
  new gcp.pubsub.Subscription(
    name,
    {
      name,
      topic: delivery.topics.deadLetters.id,
      messageRetentionDuration: DEAD_LETTER_RETENTION,
      expirationPolicy: NEVER_EXPIRES,
      ...(taker === undefined ? {} : pushTo(delivery, taker)),
    },
    { dependsOn: taker === undefined ? [] : waitsFor(name) },
  );
}

/** Pub/Sub makes the tokens that a push carries. */
function letAgentPush(
  { accounts }: Delivery,
  manifest: Manifest,
  agent: gcp.projects.ServiceIdentity,
): gcp.serviceaccount.IAMMember[] {
  const pushed = new Set(manifest.functions.filter(receivesPushes).map(({ context }) => context));
  return [...pushed].map(
    (context) =>
      new gcp.serviceaccount.IAMMember(`push-${context}-tokens-made-by-pubsub`, {
        serviceAccountId: accountOf(accounts.push, context).name,
        role: 'roles/iam.serviceAccountTokenCreator',
        member: agent.member,
      }),
  );
}

function topicOf(topics: ReadonlyMap<string, gcp.pubsub.Topic>, name: string): gcp.pubsub.Topic {
  const topic = topics.get(name);
  if (topic === undefined) throw new Error(`no topic was made for ${name}`);
  return topic;
}

import { checkCloudStorage } from './cloud-storage-settings.ts';
import { compileFilter } from './filter.ts';
import { checkName } from './names.ts';
import { type Duration, milliseconds, type PushConfig, type SubscriptionResource } from './resources.ts';
import { invalidArgument, notFound, unimplemented } from './status.ts';

const DAY_SECONDS = 86_400;
const DEFAULTS = {
  ackDeadlineSeconds: 10,
  messageRetentionDuration: { seconds: 7 * DAY_SECONDS },
  expirationPolicy: { ttl: { seconds: 31 * DAY_SECONDS } },
  pushConfig: {},
};

/** A subscription as the service completes it: google/pubsub/v1/pubsub.proto states each default. */
export function withDefaults(given: SubscriptionResource): SubscriptionResource {
  const resource: SubscriptionResource = { ...DEFAULTS, ...given, state: 'ACTIVE' };
  resource.ackDeadlineSeconds ||= DEFAULTS.ackDeadlineSeconds;
  if (resource.deadLetterPolicy !== undefined)
    resource.deadLetterPolicy = {
      ...resource.deadLetterPolicy,
      maxDeliveryAttempts: resource.deadLetterPolicy.maxDeliveryAttempts || 5,
    };
  if (resource.retryPolicy !== undefined)
    resource.retryPolicy = {
      minimumBackoff: { seconds: 10 },
      maximumBackoff: { seconds: 600 },
      ...resource.retryPolicy,
    };
  if (resource.cloudStorageConfig !== undefined)
    resource.cloudStorageConfig = { maxDuration: { seconds: 300 }, ...resource.cloudStorageConfig, state: 'ACTIVE' };
  return resource;
}

/**
 * Throws INVALID_ARGUMENT for a setting outside its documented range, NOT_FOUND for a dead-letter topic that is not there,
 * UNIMPLEMENTED for what would be ignored.
 */
export function checkSettings(broker: { topics: Map<string, unknown> }, subscription: SubscriptionResource): void {
  refuseUnsupported(subscription);
  if (subscription.filter) compileFilter(subscription.filter);
  const {
    ackDeadlineSeconds = 0,
    deadLetterPolicy,
    expirationPolicy,
    messageRetentionDuration,
    retryPolicy,
  } = subscription;
  if (ackDeadlineSeconds < 10 || ackDeadlineSeconds > 600)
    throw invalidArgument('ack_deadline_seconds must be between 10 and 600.');
  if (messageRetentionDuration !== undefined)
    checkDuration('message_retention_duration', messageRetentionDuration, 600, 31 * DAY_SECONDS);
  if (expirationPolicy?.ttl !== undefined)
    checkDuration('expiration_policy.ttl', expirationPolicy.ttl, DAY_SECONDS, Number.POSITIVE_INFINITY);
  if (deadLetterPolicy !== undefined) {
    const topic = checkName(deadLetterPolicy.deadLetterTopic, 'topics');
    if (!broker.topics.has(topic)) throw notFound(topic);
    const attempts = deadLetterPolicy.maxDeliveryAttempts ?? 0;
    if (attempts < 5 || attempts > 100) throw invalidArgument('max_delivery_attempts must be between 5 and 100.');
  }
  if (retryPolicy !== undefined) {
    const { minimumBackoff = {}, maximumBackoff = {} } = retryPolicy;
    checkDuration('retry_policy.minimum_backoff', minimumBackoff, 0, 600);
    checkDuration('retry_policy.maximum_backoff', maximumBackoff, 0, 600);
    if (milliseconds(minimumBackoff) > milliseconds(maximumBackoff))
      throw invalidArgument('retry_policy.minimum_backoff is longer than maximum_backoff.');
  }
  checkDelivery(subscription);
}

/** One way of delivery only; exactly-once is for those who pull: cloud.google.com/pubsub/docs/exactly-once-delivery */
function checkDelivery(subscription: SubscriptionResource): void {
  const { cloudStorageConfig, enableExactlyOnceDelivery, pushConfig = {} } = subscription;
  checkPush(pushConfig);
  const isPush = (pushConfig.pushEndpoint ?? '') !== '';
  if (cloudStorageConfig !== undefined) {
    if (isPush) throw invalidArgument('Only one of push_config and cloud_storage_config may be set.');
    checkCloudStorage(cloudStorageConfig);
  }
  if (enableExactlyOnceDelivery && (isPush || cloudStorageConfig !== undefined))
    throw invalidArgument('Exactly-once delivery is only supported for pull subscriptions.');
}

function refuseUnsupported(subscription: SubscriptionResource): void {
  if (subscription.bigqueryConfig !== undefined) throw unimplemented('A BigQuery subscription');
  if (subscription.bigtableConfig !== undefined) throw unimplemented('A Bigtable subscription');
  if ((subscription.messageTransforms?.length ?? 0) > 0) throw unimplemented('A single-message transform');
}

function checkDuration(name: string, duration: Duration, minimumSeconds: number, maximumSeconds: number): void {
  const seconds = milliseconds(duration) / 1000;
  if (seconds < minimumSeconds || seconds > maximumSeconds)
    throw invalidArgument(`${name} must be between ${minimumSeconds} and ${maximumSeconds} seconds.`);
}

function checkPush({ noWrapper, pubsubWrapper, pushEndpoint: endpoint = '' }: PushConfig): void {
  if (noWrapper !== undefined && pubsubWrapper !== undefined)
    throw invalidArgument('Only one of pubsub_wrapper and no_wrapper may be set.');
  if (endpoint === '') return;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw invalidArgument(`Invalid push endpoint given (endpoint=${endpoint}): it must be an HTTP or HTTPS URL.`);
}

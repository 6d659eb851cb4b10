import { checkName } from './names.ts';
import { type Duration, milliseconds, type SubscriptionResource } from './resources.ts';
import { invalidArgument, unimplemented } from './status.ts';

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
  return resource;
}

/** Throws INVALID_ARGUMENT for a setting outside its documented range, UNIMPLEMENTED for one that would be ignored. */
export function checkSettings(subscription: SubscriptionResource): void {
  refuseUnsupported(subscription);
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
    checkName(deadLetterPolicy.deadLetterTopic, 'topics');
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
  checkPushEndpoint(subscription.pushConfig?.pushEndpoint ?? '');
}

function refuseUnsupported(subscription: SubscriptionResource): void {
  if (subscription.bigqueryConfig !== undefined) throw unimplemented('A BigQuery subscription');
  if (subscription.cloudStorageConfig !== undefined) throw unimplemented('A Cloud Storage subscription');
  if (subscription.bigtableConfig !== undefined) throw unimplemented('A Bigtable subscription');
  if ((subscription.filter ?? '') !== '') throw unimplemented('A subscription filter');
  if (subscription.enableExactlyOnceDelivery) throw unimplemented('Exactly-once delivery');
  if ((subscription.messageTransforms?.length ?? 0) > 0) throw unimplemented('A message transform');
  if (subscription.pushConfig?.noWrapper !== undefined) throw unimplemented('Push without the wrapper');
}

function checkDuration(name: string, duration: Duration, minimumSeconds: number, maximumSeconds: number): void {
  const seconds = milliseconds(duration) / 1000;
  if (seconds < minimumSeconds || seconds > maximumSeconds)
    throw invalidArgument(`${name} must be between ${minimumSeconds} and ${maximumSeconds} seconds.`);
}

function checkPushEndpoint(endpoint: string): void {
  if (endpoint === '') return;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw invalidArgument(`Invalid push endpoint given (endpoint=${endpoint}): it must be an HTTP or HTTPS URL.`);
}

import { randomBytes } from 'node:crypto';
import { applyMask, type FieldMask } from '../rpc/field-mask.ts';
import { type PageRequest, page } from '../rpc/pages.ts';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import { checkName, checkProject, projectOf } from './names.ts';
import type { PushConfig, SubscriptionResource } from './resources.ts';
import { type Method, unary } from './rpc.ts';
import { alreadyExists } from './status.ts';
import type { Subscription } from './subscription.ts';
import { checkSettings, withDefaults } from './subscription-settings.ts';

const PACKAGE = 'google.pubsub.v1';
const MUTABLE = [
  'ack_deadline_seconds',
  'push_config',
  'retain_acked_messages',
  'message_retention_duration',
  'labels',
  'expiration_policy',
  'dead_letter_policy',
  'retry_policy',
  'bigquery_config',
  'cloud_storage_config',
  'enable_exactly_once_delivery',
  'message_transforms',
];

/** google.pubsub.v1.Subscriber's methods that manage subscriptions. */
export function subscriptionMethods(broker: Broker, authorization: Authorization): Method[] {
  const method = <Request extends object, Response extends object>(
    name: string,
    request: string,
    response: string,
    handle: (request: Request) => Response,
  ) =>
    unary<Request, Response>(
      `/${PACKAGE}.Subscriber/${name}`,
      `${PACKAGE}.${request}`,
      response.includes('.') ? response : `${PACKAGE}.${response}`,
      authorization.mayAdminister,
      handle,
    );
  return [
    method<SubscriptionResource, SubscriptionResource>('CreateSubscription', 'Subscription', 'Subscription', (given) =>
      create(broker, given),
    ),
    method<{ subscription?: string }, SubscriptionResource>(
      'GetSubscription',
      'GetSubscriptionRequest',
      'Subscription',
      ({ subscription }) => described(broker.subscription(checkName(subscription, 'subscriptions'))),
    ),
    method<{ subscription?: SubscriptionResource; updateMask?: FieldMask }, SubscriptionResource>(
      'UpdateSubscription',
      'UpdateSubscriptionRequest',
      'Subscription',
      ({ subscription, updateMask }) => update(broker, subscription ?? {}, updateMask),
    ),
    method<{ project?: string } & PageRequest, { subscriptions: SubscriptionResource[]; nextPageToken: string }>(
      'ListSubscriptions',
      'ListSubscriptionsRequest',
      'ListSubscriptionsResponse',
      (request) => {
        const prefix = `${checkProject(request.project)}/`;
        const all = [...broker.subscriptions.values()].filter(({ name }) => name.startsWith(prefix));
        const { items, nextPageToken } = page(all, ({ name }) => name, request);
        return { subscriptions: items.map(described), nextPageToken };
      },
    ),
    method<{ subscription?: string }, object>(
      'DeleteSubscription',
      'DeleteSubscriptionRequest',
      'google.protobuf.Empty',
      ({ subscription }) => {
        broker.removeSubscription(broker.subscription(checkName(subscription, 'subscriptions')));
        return {};
      },
    ),
    method<{ subscription?: string; pushConfig?: PushConfig }, object>(
      'ModifyPushConfig',
      'ModifyPushConfigRequest',
      'google.protobuf.Empty',
      ({ subscription, pushConfig }) => {
        const found = broker.subscription(checkName(subscription, 'subscriptions'));
        const resource = { ...found.resource, pushConfig: pushConfig ?? {} };
        checkSettings(broker, resource);
        broker.changeSubscription(found, resource);
        return {};
      },
    ),
  ];
}

function create(broker: Broker, given: SubscriptionResource): SubscriptionResource {
  const topicName = checkName(given.topic, 'topics');
  const random = `projects/${projectOf(topicName)}/subscriptions/subscription-${randomBytes(8).toString('hex')}`;
  const name = checkName(given.name || random, 'subscriptions');
  if (broker.subscriptions.has(name)) throw alreadyExists(name);
  const resource = { ...withDefaults(given), name };
  checkSettings(broker, resource);
  return described(broker.addSubscription(resource, broker.topic(topicName)));
}

function update(broker: Broker, given: SubscriptionResource, mask: FieldMask | undefined): SubscriptionResource {
  const subscription = broker.subscription(checkName(given.name, 'subscriptions'));
  const resource = withDefaults(applyMask(subscription.resource, given, mask, MUTABLE));
  checkSettings(broker, resource);
  broker.changeSubscription(subscription, resource);
  return described(subscription);
}

/** As the API shows it: with its topic's retention. */
function described({ resource, topic }: Subscription): SubscriptionResource {
  const retention = topic?.resource.messageRetentionDuration;
  return retention === undefined ? resource : { ...resource, topicMessageRetentionDuration: retention };
}

import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import { applyMask, type FieldMask } from './field-mask.ts';
import { checkName, checkProject } from './names.ts';
import { type PageRequest, page } from './pages.ts';
import type { PushConfig, SubscriptionResource } from './resources.ts';
import { type Method, unary } from './rpc.ts';
import { alreadyExists, unimplemented } from './status.ts';
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
  const refused = (name: string, request: string, response: string, what: string) =>
    method(name, request, response, () => {
      throw unimplemented(what);
    });
  return [
    method<SubscriptionResource, SubscriptionResource>('CreateSubscription', 'Subscription', 'Subscription', (given) =>
      create(broker, given),
    ),
    method<{ subscription?: string }, SubscriptionResource>(
      'GetSubscription',
      'GetSubscriptionRequest',
      'Subscription',
      ({ subscription }) => broker.subscription(checkName(subscription, 'subscriptions')).resource,
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
        return { subscriptions: items.map(({ resource }) => resource), nextPageToken };
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
        checkSettings(resource);
        broker.changeSubscription(found, resource);
        return {};
      },
    ),
    method<{ project?: string }, { snapshots: object[] }>(
      'ListSnapshots',
      'ListSnapshotsRequest',
      'ListSnapshotsResponse',
      ({ project }) => {
        checkProject(project);
        return { snapshots: [] };
      },
    ),
    refused('CreateSnapshot', 'CreateSnapshotRequest', 'Snapshot', 'A snapshot'),
    refused('GetSnapshot', 'GetSnapshotRequest', 'Snapshot', 'A snapshot'),
    refused('UpdateSnapshot', 'UpdateSnapshotRequest', 'Snapshot', 'A snapshot'),
    refused('DeleteSnapshot', 'DeleteSnapshotRequest', 'google.protobuf.Empty', 'A snapshot'),
    refused('Seek', 'SeekRequest', 'SeekResponse', 'Seek'),
  ];
}

function create(broker: Broker, given: SubscriptionResource): SubscriptionResource {
  const name = checkName(given.name, 'subscriptions');
  const topicName = checkName(given.topic, 'topics');
  if (broker.subscriptions.has(name)) throw alreadyExists(name);
  const resource = { ...withDefaults(given), name };
  checkSettings(resource);
  return broker.addSubscription(resource, broker.topic(topicName)).resource;
}

function update(broker: Broker, given: SubscriptionResource, mask: FieldMask | undefined): SubscriptionResource {
  const subscription = broker.subscription(checkName(given.name, 'subscriptions'));
  const resource = withDefaults(applyMask(subscription.resource, given, mask, MUTABLE));
  checkSettings(resource);
  broker.changeSubscription(subscription, resource);
  return resource;
}

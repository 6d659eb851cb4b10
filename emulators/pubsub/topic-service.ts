import { applyMask, type FieldMask } from '../rpc/field-mask.ts';
import { type PageRequest, page } from '../rpc/pages.ts';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import { checkName, checkProject, DELETED_SCHEMA } from './names.ts';
import { milliseconds, type TopicResource } from './resources.ts';
import { type Method, unary } from './rpc.ts';
import { alreadyExists, failedPrecondition, invalidArgument, notFound, unimplemented } from './status.ts';

const PACKAGE = 'google.pubsub.v1';
const MUTABLE = ['labels', 'message_storage_policy', 'schema_settings', 'message_retention_duration', 'kms_key_name'];
const MIN_RETENTION_MS = 10 * 60_000;
const MAX_RETENTION_MS = 31 * 86_400_000;

type Names = { nextPageToken: string };

/** google.pubsub.v1.Publisher, but for Publish. */
export function topicMethods(broker: Broker, authorization: Authorization): Method[] {
  const method = <Request extends object, Response extends object>(
    name: string,
    request: string,
    response: string,
    handle: (request: Request) => Response,
  ) =>
    unary<Request, Response>(
      `/${PACKAGE}.Publisher/${name}`,
      request.includes('.') ? request : `${PACKAGE}.${request}`,
      response.includes('.') ? response : `${PACKAGE}.${response}`,
      authorization.mayAdminister,
      handle,
    );
  return [
    method<TopicResource, TopicResource>('CreateTopic', 'Topic', 'Topic', (topic) => create(broker, topic)),
    method<{ topic?: TopicResource; updateMask?: FieldMask }, TopicResource>(
      'UpdateTopic',
      'UpdateTopicRequest',
      'Topic',
      ({ topic, updateMask }) => update(broker, topic ?? {}, updateMask),
    ),
    method<{ topic?: string }, TopicResource>(
      'GetTopic',
      'GetTopicRequest',
      'Topic',
      ({ topic }) => broker.topic(checkName(topic, 'topics')).resource,
    ),
    method<{ project?: string } & PageRequest, { topics: TopicResource[] } & Names>(
      'ListTopics',
      'ListTopicsRequest',
      'ListTopicsResponse',
      (request) => list(broker, request),
    ),
    method<{ topic?: string } & PageRequest, { subscriptions: string[] } & Names>(
      'ListTopicSubscriptions',
      'ListTopicSubscriptionsRequest',
      'ListTopicSubscriptionsResponse',
      (request) => {
        const names = [...broker.topic(checkName(request.topic, 'topics')).subscriptions].map(({ name }) => name);
        const { items, nextPageToken } = page(names, (name) => name, request);
        return { subscriptions: items, nextPageToken };
      },
    ),
    method<{ topic?: string } & PageRequest, { snapshots: string[] } & Names>(
      'ListTopicSnapshots',
      'ListTopicSnapshotsRequest',
      'ListTopicSnapshotsResponse',
      (request) => {
        const { uid } = broker.topic(checkName(request.topic, 'topics'));
        const own = [...broker.snapshots.values()].filter(({ topicUid }) => topicUid === uid);
        const { items, nextPageToken } = page(own, ({ resource }) => resource.name, request);
        return { snapshots: items.map(({ resource }) => resource.name), nextPageToken };
      },
    ),
    method<{ topic?: string }, object>('DeleteTopic', 'DeleteTopicRequest', 'google.protobuf.Empty', ({ topic }) => {
      broker.removeTopic(broker.topic(checkName(topic, 'topics')));
      return {};
    }),
    method<{ subscription?: string }, object>(
      'DetachSubscription',
      'DetachSubscriptionRequest',
      'DetachSubscriptionResponse',
      ({ subscription }) => {
        broker.detach(broker.subscription(checkName(subscription, 'subscriptions')));
        return {};
      },
    ),
  ];
}

function create(broker: Broker, given: TopicResource): TopicResource {
  const name = checkName(given.name, 'topics');
  if (broker.topics.has(name)) throw alreadyExists(name);
  const resource = { ...given, name, state: 'ACTIVE' };
  check(broker, resource);
  return broker.addTopic(resource).resource;
}

function update(broker: Broker, given: TopicResource, mask: FieldMask | undefined): TopicResource {
  const topic = broker.topic(checkName(given.name, 'topics'));
  const resource = applyMask(topic.resource, given, mask, MUTABLE);
  check(broker, resource);
  broker.changeTopic(topic, resource);
  return resource;
}

function check(broker: Broker, topic: TopicResource): void {
  if (topic.ingestionDataSourceSettings !== undefined) throw unimplemented('Ingestion from a data source');
  if ((topic.messageTransforms?.length ?? 0) > 0) throw unimplemented('A single-message transform');
  const { messageRetentionDuration: retention, schemaSettings } = topic;
  if (retention !== undefined) {
    const ms = milliseconds(retention);
    if (ms < MIN_RETENTION_MS || ms > MAX_RETENTION_MS)
      throw invalidArgument('message_retention_duration must be between 10 minutes and 31 days.');
  }
  if (schemaSettings === undefined || schemaSettings.schema === DELETED_SCHEMA) return;
  const schema = broker.schemas.get(checkName(schemaSettings.schema, 'schemas'));
  if (schema === undefined) throw notFound(schemaSettings.schema ?? '');
  if (schemaSettings.encoding !== 'JSON' && schemaSettings.encoding !== 'BINARY')
    throw invalidArgument('The schema settings must have an encoding.');
  for (const id of [schemaSettings.firstRevisionId, schemaSettings.lastRevisionId])
    if (id && !schema.revisions.some((revision) => revision.revisionId === id))
      throw failedPrecondition(`The schema ${schemaSettings.schema} has no revision ${id}.`);
}

function list(broker: Broker, request: { project?: string } & PageRequest): { topics: TopicResource[] } & Names {
  const prefix = `${checkProject(request.project)}/`;
  const topics = [...broker.topics.values()].filter(({ name }) => name.startsWith(prefix));
  const { items, nextPageToken } = page(topics, ({ name }) => name, request);
  return { topics: items.map(({ resource }) => resource), nextPageToken };
}

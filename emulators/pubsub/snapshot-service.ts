import { randomBytes } from 'node:crypto';
import { now } from '../clock.ts';
import { applyMask, type FieldMask } from '../rpc/field-mask.ts';
import { type PageRequest, page } from '../rpc/pages.ts';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import { checkName, checkProject, projectOf } from './names.ts';
import { milliseconds, type SnapshotResource, type Timestamp, timestamp } from './resources.ts';
import { type Method, methodsOf } from './rpc.ts';
import { seekToSnapshot, seekToTime, snapshotOf } from './seek.ts';
import { alreadyExists, failedPrecondition, invalidArgument } from './status.ts';

const MUTABLE = ['labels', 'expire_time'];
const LIFETIME_MS = 7 * 86_400_000;
const MIN_LIFETIME_MS = 3_600_000;

/** google.pubsub.v1.Subscriber's methods that manage snapshots, and Seek. */
export function snapshotMethods(broker: Broker, authorization: Authorization): Method[] {
  const method = methodsOf('google.pubsub.v1.Subscriber', authorization.mayAdminister);
  return [
    method<CreateRequest, SnapshotResource>('CreateSnapshot', 'Snapshot', (request) => create(broker, request)),
    method<{ snapshot?: string }, SnapshotResource>(
      'GetSnapshot',
      'Snapshot',
      ({ snapshot }) => broker.snapshot(checkName(snapshot, 'snapshots')).resource,
    ),
    method<{ project?: string } & PageRequest, { snapshots: SnapshotResource[]; nextPageToken: string }>(
      'ListSnapshots',
      'ListSnapshotsResponse',
      (request) => {
        const prefix = `${checkProject(request.project)}/`;
        const all = [...broker.snapshots.values()].filter(({ resource }) => resource.name.startsWith(prefix));
        const { items, nextPageToken } = page(all, ({ resource }) => resource.name, request);
        return { snapshots: items.map(({ resource }) => resource), nextPageToken };
      },
    ),
    method<{ snapshot?: SnapshotResource; updateMask?: FieldMask }, SnapshotResource>(
      'UpdateSnapshot',
      'Snapshot',
      ({ snapshot = {}, updateMask }) => update(broker, snapshot, updateMask),
    ),
    method<{ snapshot?: string }, object>('DeleteSnapshot', 'google.protobuf.Empty', ({ snapshot }) => {
      broker.removeSnapshot(checkName(snapshot, 'snapshots'));
      return {};
    }),
    method<SeekRequest, object>('Seek', 'SeekResponse', (request) => seek(broker, request)),
  ];
}

interface CreateRequest {
  name?: string;
  subscription?: string;
  labels?: Record<string, string>;
}

/** Lives for seven days less the age of the oldest message in it, as google/pubsub/v1/pubsub.proto states. */
function create(broker: Broker, { labels = {}, name: wanted, subscription: from }: CreateRequest): SnapshotResource {
  const subscription = broker.subscription(checkName(from, 'subscriptions'));
  const random = `projects/${projectOf(subscription.name)}/snapshots/snapshot-${randomBytes(8).toString('hex')}`;
  const name = checkName(wanted || random, 'snapshots');
  if (broker.snapshots.has(name)) throw alreadyExists(name);
  if (subscription.resource.detached)
    throw failedPrecondition(`The subscription ${subscription.name} is detached from its topic.`);
  const resource = { name, topic: subscription.resource.topic ?? '', labels };
  const { held, snapshot } = snapshotOf(broker, subscription, resource);
  const time = now();
  const oldest = held.reduce((oldest, { batch }) => Math.min(oldest, batch.publishTime), time);
  const expires = oldest + LIFETIME_MS;
  if (expires - time < MIN_LIFETIME_MS)
    throw failedPrecondition('The snapshot would expire in less than an hour: the backlog is too old.');
  snapshot.resource.expireTime = timestamp(expires);
  broker.addSnapshot(snapshot, held);
  return snapshot.resource;
}

function update(broker: Broker, given: SnapshotResource, mask: FieldMask | undefined): SnapshotResource {
  const snapshot = broker.snapshot(checkName(given.name, 'snapshots'));
  const changed = applyMask(snapshot.resource, given, mask, MUTABLE);
  if (milliseconds(changed.expireTime ?? {}) <= now()) throw invalidArgument('expire_time is in the past.');
  snapshot.resource = { ...changed, name: snapshot.resource.name };
  broker.save();
  return changed;
}

interface SeekRequest {
  subscription?: string;
  time?: Timestamp;
  snapshot?: string;
}

function seek(broker: Broker, { snapshot: name, subscription: of, time }: SeekRequest): object {
  const subscription = broker.subscription(checkName(of, 'subscriptions'));
  if (subscription.resource.detached)
    throw failedPrecondition(`The subscription ${subscription.name} is detached from its topic.`);
  if (name) {
    const snapshot = broker.snapshot(checkName(name, 'snapshots'));
    if (snapshot.topicUid !== subscription.topicUid)
      throw invalidArgument(`The snapshot ${name} is not of the topic of ${subscription.name}.`);
    seekToSnapshot(broker, subscription, snapshot);
  } else if (time !== undefined) seekToTime(broker, subscription, milliseconds(time));
  else throw invalidArgument('A seek needs a time or a snapshot.');
  return {};
}

import * as gcp from '@pulumi/gcp';
import type { Manifest, ManifestEntry } from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import type { Buckets } from './buckets.ts';
import { objectsTopic } from './naming.ts';

/** The topics on which buckets tell of new objects, by the bucket's declared name. */
export type ObjectTopics = Map<string, gcp.pubsub.Topic>;

const SECONDS_A_DAY = 86_400;

/**
 * A topic for each bucket whose objects a function takes, and the notification that fills it. Cloud Storage publishes as an account of its
 * own, which needs the role before the notification can be made: https://cloud.google.com/storage/docs/reporting-changes
 */
export function createNotifications(settings: Settings, manifest: Manifest, buckets: Buckets): ObjectTopics {
  const names = [...new Set(manifest.functions.flatMap(takenBucket))].sort();
  if (names.length === 0) return new Map();
  const agent = gcp.storage.getProjectServiceAccountOutput({ project: settings.project });
  return new Map(
    names.map((name) => {
      const topic = new gcp.pubsub.Topic(objectsTopic(name), {
        name: objectsTopic(name),
        messageRetentionDuration: `${settings.messaging.retentionDays * SECONDS_A_DAY}s`,
      });
      const publisher = new gcp.pubsub.TopicIAMMember(`${objectsTopic(name)}-published-by-storage`, {
        topic: topic.name,
        role: 'roles/pubsub.publisher',
        member: agent.member,
      });
      new gcp.storage.Notification(
        objectsTopic(name),
        {
          bucket: bucketOf(buckets, name).name,
          topic: topic.id,
          eventTypes: ['OBJECT_FINALIZE'],
          // The object is asked, not the message: a redelivery would tell of it as it was.
          payloadFormat: 'NONE',
        },
        { dependsOn: [publisher] },
      );
      return [name, topic];
    }),
  );
}

/** The bucket whose objects a function takes, as none or one. */
export function takenBucket({ declaration }: ManifestEntry): string[] {
  const { takesObjectsOf } = declaration.deployment;
  return takesObjectsOf === undefined ? [] : [takesObjectsOf];
}

function bucketOf({ declared }: Buckets, name: string): gcp.storage.Bucket {
  const bucket = declared.get(name);
  if (bucket === undefined) throw new Error(`no bucket was made for ${name}`);
  return bucket;
}

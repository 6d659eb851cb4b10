import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Event } from '../../contracts/kit/event.ts';
import { eventsEmittedBy, eventsOf, type Manifest, useCasesOf } from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';
import { checkName, DEAD_LETTERS } from './naming.ts';

export interface Topics {
  /** By the event's topic, `type.vN`. */
  events: Map<string, gcp.pubsub.Topic>;
  deadLetters: gcp.pubsub.Topic;
}

const SECONDS_A_DAY = 86_400;
/** Pub/Sub's most. */
const DEAD_LETTER_DAYS = 31;

/**
 * A topic for each event, which refuses what does not fit the event's schema, with exactly its publishers; and the one where dead
 * letters end.
 */
export function createTopics(
  settings: Settings,
  manifest: Manifest,
  accounts: Accounts,
  schemaOf: (event: Event) => string,
): Topics {
  const events = new Map(eventsOf(manifest).map((event) => [event.topic, topicOf(settings, event, schemaOf(event))]));
  for (const [name, topic] of events) {
    for (const context of publishersOf(manifest, name)) {
      new gcp.pubsub.TopicIAMMember(`${name}-published-by-${context}`, {
        topic: topic.name,
        role: 'roles/pubsub.publisher',
        member: accountOf(accounts.contexts, context).member,
      });
    }
  }
  for (const [name, producers] of Object.entries(settings.producers)) letIn(events, name, producers);
  const deadLetters = new gcp.pubsub.Topic(DEAD_LETTERS, {
    name: DEAD_LETTERS,
    messageRetentionDuration: days(DEAD_LETTER_DAYS),
  });
  return { events, deadLetters };
}

function topicOf({ messaging, project }: Settings, event: Event, definition: string): gcp.pubsub.Topic {
  const name = event.topic;
  checkName('topic', name);
  const schema = new gcp.pubsub.Schema(name, { name, type: 'PROTOCOL_BUFFER', definition });
  return new gcp.pubsub.Topic(name, {
    name,
    messageRetentionDuration: days(messaging.retentionDays),
    schemaSettings: { schema: pulumi.interpolate`projects/${project}/schemas/${schema.name}`, encoding: 'JSON' },
  });
}

/** Producers from outside the platform, which the stack names. */
function letIn(events: Map<string, gcp.pubsub.Topic>, name: string, producers: readonly string[]): void {
  const topic = events.get(name);
  if (topic === undefined) {
    pulumi.log.warn(`millrace:producers names the topic ${name}, which no function has: nobody is let in`);
    return;
  }
  for (const member of producers) {
    const producer = member.replace(/^\w+:/, '').replace(/@.*$/, '');
    new gcp.pubsub.TopicIAMMember(`${name}-published-from-outside-by-${producer}`, {
      topic: topic.name,
      role: 'roles/pubsub.publisher',
      member,
    });
  }
}

function publishersOf(manifest: Manifest, topic: string): string[] {
  const publishing = useCasesOf(manifest).filter((entry) =>
    eventsEmittedBy(entry).some((event) => event.topic === topic),
  );
  return [...new Set(publishing.map(({ context }) => context))].sort();
}

function days(count: number): string {
  return `${count * SECONDS_A_DAY}s`;
}

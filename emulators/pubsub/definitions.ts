import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { now } from '../clock.ts';
import type { AckRange } from './record.ts';
import type { SchemaResource, SnapshotResource, SubscriptionResource, TopicResource } from './resources.ts';

interface TopicDefinition {
  /** The log names topics and subscriptions by number: a name that is deleted and made again is another topic. */
  uid: number;
  resource: TopicResource;
}

/** Which messages a subscription has to deliver, but for those that the log says it has acknowledged. */
export interface SubscriptionIdentity {
  /** Whose acks in the log count. A seek gives it a new one: what was acknowledged before no longer counts. */
  uid: number;
  topicUid: number;
  /** The first message published after it was created. */
  createdSequence: number;
  /** Messages of its topic from this sequence on are its own. */
  startSequence: number;
  /** So are these before it, which a seek brought back. */
  reopened: AckRange[];
}

interface SubscriptionDefinition extends SubscriptionIdentity {
  resource: SubscriptionResource;
  /** When somebody last used it, in milliseconds since 1970. */
  activeAt: number;
}

export interface SnapshotDefinition {
  resource: SnapshotResource & { name: string };
  topicUid: number;
  /** Unacknowledged when it was made, before `fromSequence`. */
  unacked: AckRange[];
  /** It holds every message from this one on. */
  fromSequence: number;
}

export interface SchemaDefinition {
  /** Oldest first; the last one is what the name means. */
  revisions: SchemaResource[];
}

/** A policy with its etag in base64. */
export interface PolicyDefinition {
  version: number;
  bindings: { role?: string; members?: string[]; condition?: object }[];
  etag: string;
}

export interface Definitions {
  nextUid: number;
  topics: TopicDefinition[];
  subscriptions: SubscriptionDefinition[];
  snapshots: SnapshotDefinition[];
  schemas: SchemaDefinition[];
  policies: Record<string, PolicyDefinition>;
}

/**
 * Topics, subscriptions, schemas and policies on disk: one JSON file, replaced as a whole. They change rarely and are
 * few, so that a file somebody can read is worth more than appending to it.
 */
export class DefinitionsFile {
  #path: string;
  #fsync: boolean;

  constructor(directory: string, fsync: boolean) {
    mkdirSync(directory, { recursive: true });
    this.#path = join(directory, 'definitions.json');
    this.#fsync = fsync;
  }

  load(): Definitions {
    if (!existsSync(this.#path))
      return { nextUid: 1, topics: [], subscriptions: [], snapshots: [], schemas: [], policies: {} };
    try {
      return upToDate(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (error) {
      throw new Error(
        `${this.#path} is corrupt (${(error as Error).message}): restore the file, or start with --fresh to forget everything`,
      );
    }
  }

  save(definitions: Definitions): void {
    const temporary = `${this.#path}.new`;
    const file = openSync(temporary, 'w');
    writeFileSync(file, JSON.stringify(definitions));
    if (this.#fsync) fsyncSync(file);
    closeSync(file);
    renameSync(temporary, this.#path);
  }
}

/** Definitions as they are written now, from a file written before subscriptions could seek. */
function upToDate(definitions: Definitions): Definitions {
  const subscriptions = definitions.subscriptions.map((subscription) => ({
    ...subscription,
    createdSequence: subscription.createdSequence ?? subscription.startSequence,
    reopened: subscription.reopened ?? [],
    activeAt: subscription.activeAt ?? now(),
  }));
  return { ...definitions, subscriptions, snapshots: definitions.snapshots ?? [] };
}

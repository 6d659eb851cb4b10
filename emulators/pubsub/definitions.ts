import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaResource, SubscriptionResource, TopicResource } from './resources.ts';

interface TopicDefinition {
  /** The log names topics and subscriptions by number: a name that is deleted and made again is another topic. */
  uid: number;
  resource: TopicResource;
}

interface SubscriptionDefinition {
  uid: number;
  topicUid: number;
  /** Messages of its topic from this sequence on are its own. */
  startSequence: number;
  resource: SubscriptionResource;
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
    if (!existsSync(this.#path)) return { nextUid: 1, topics: [], subscriptions: [], schemas: [], policies: {} };
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      throw new Error(
        `${this.#path} is corrupt (${(error as Error).message}): restore the file, or start with --fresh to forget everything`,
      );
    }
  }

  save(definitions: Definitions): void {
    const temporary = `${this.#path}.new`;
    const file = openSync(temporary, 'w');
    writeSync(file, JSON.stringify(definitions));
    if (this.#fsync) fsyncSync(file);
    closeSync(file);
    renameSync(temporary, this.#path);
  }
}

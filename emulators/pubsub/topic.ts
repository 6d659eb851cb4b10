import type { TopicResource } from './resources.ts';
import type { Subscription } from './subscription.ts';

/** A topic and who listens to it. */
export class Topic {
  readonly uid: number;
  readonly name: string;
  resource: TopicResource;
  readonly subscriptions = new Set<Subscription>();

  constructor(uid: number, name: string, resource: TopicResource) {
    this.uid = uid;
    this.name = name;
    this.resource = resource;
  }
}

import { basename } from 'node:path';
import type { LocalPlan } from './local-plan.ts';
import * as planned from './planned-resources.ts';
import type { Resource } from './recorder.ts';

export interface LocalBucket {
  /** In full. */
  name: string;
  public: boolean;
  writers: string[];
  readers: string[];
  versioned: boolean;
  deleteAfterDays?: number;
  cors: { origins: string[]; methods: string[]; responseHeaders: string[]; maxAgeSeconds: number }[];
}

/** Buckets, with who may do what, and what they tell of their objects. */
export function storageIn(
  resources: readonly Resource[],
): Pick<LocalPlan, 'buckets' | 'notifications' | 'storageAgent'> {
  return {
    buckets: bucketsIn(resources),
    notifications: planned.notifications(resources).map((each) => ({ ...each, topic: basename(each.topic) })),
    ...storageAgentIn(resources),
  };
}

function bucketsIn(resources: readonly Resource[]): LocalBucket[] {
  const grants = planned.bucketGrants(resources);
  return planned.buckets(resources).map(({ name, versioning, lifecycleRules: [rule], cors }) => {
    const own = grants.filter(({ bucket }) => bucket === name);
    return {
      name,
      public: own.some(({ member }) => member === 'allUsers'),
      writers: own.filter(({ role }) => role === 'roles/storage.objectUser').map(({ member }) => emailOf(member)),
      readers: own.filter(({ role }) => role === 'roles/storage.objectViewer').map(({ member }) => emailOf(member)),
      versioned: versioning.enabled,
      ...(rule === undefined ? {} : { deleteAfterDays: rule.condition.age }),
      cors,
    };
  });
}

function storageAgentIn(resources: readonly Resource[]): Pick<LocalPlan, 'storageAgent'> {
  const grant = planned.topicGrants(resources).find(({ member }) => member.includes('@gs-project-accounts.'));
  return grant === undefined ? {} : { storageAgent: emailOf(grant.member) };
}

/** Of an IAM member. */
export function emailOf(member: string): string {
  return member.replace(/^\w+:/, '');
}

import { randomBytes } from 'node:crypto';
import { status as Code } from '@grpc/grpc-js';
import { StatusError } from './status-error.ts';

/** An access policy as it is stored: its etag in base64. */
export interface StoredPolicy {
  version: number;
  bindings: { role?: string; members?: string[]; condition?: object }[];
  etag: string;
}

interface Policy {
  version?: number;
  bindings?: StoredPolicy['bindings'];
  etag?: Buffer;
}

interface PolicyHome {
  has(resource: string): boolean;
  /** What a call on a resource that is not there fails with. */
  missing(resource: string): Error;
  get(resource: string): StoredPolicy | undefined;
  set(resource: string, policy: StoredPolicy): void;
}

/** The etag of a policy that nobody has set. */
const FRESH_ETAG = Buffer.from([0, 32, 1]);

/**
 * SetIamPolicy, GetIamPolicy and TestIamPermissions over resources of a service: policies are kept and read back, with
 * etags against lost updates, and decide nothing.
 */
export function iamHandlers(home: PolicyHome) {
  const policyOf = (resource: string): Policy => {
    if (!home.has(resource)) throw home.missing(resource);
    const stored = home.get(resource);
    return stored === undefined
      ? { version: 0, bindings: [], etag: FRESH_ETAG }
      : { ...stored, etag: Buffer.from(stored.etag, 'base64') };
  };
  return {
    GetIamPolicy: ({ resource = '' }: { resource?: string }) => policyOf(resource),
    SetIamPolicy: ({ resource = '', policy = {} }: { resource?: string; policy?: Policy }) => {
      const { etag = FRESH_ETAG } = policyOf(resource);
      if (policy.etag !== undefined && policy.etag.length > 0 && !policy.etag.equals(etag))
        throw new StatusError(Code.ABORTED, 'The policy was changed since it was read: read it again.');
      home.set(resource, {
        version: policy.version ?? 1,
        bindings: policy.bindings ?? [],
        etag: randomBytes(8).toString('base64'),
      });
      return policyOf(resource);
    },
    /** Of a resource that is not there nobody has any permission (google/iam/v1/iam_policy.proto). */
    TestIamPermissions: ({ resource = '', permissions = [] }: { resource?: string; permissions?: string[] }) => ({
      permissions: home.has(resource) ? permissions : [],
    }),
  };
}

import { randomBytes } from 'node:crypto';
import { status as Code } from '@grpc/grpc-js';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import type { IamPolicy } from './resources.ts';
import { type Method, unary } from './rpc.ts';
import { notFound, StatusError } from './status.ts';

const SERVICE = '/google.iam.v1.IAMPolicy';
/** The etag of a policy that nobody has set. */
const FRESH_ETAG = Buffer.from([0, 32, 1]);

/** google.iam.v1.IAMPolicy: policies are kept; who may publish is decided by the options that the service starts with. */
export function iamMethods(broker: Broker, authorization: Authorization): Method[] {
  return [
    unary<{ resource?: string; policy?: IamPolicy }, IamPolicy>(
      `${SERVICE}/SetIamPolicy`,
      'google.iam.v1.SetIamPolicyRequest',
      'google.iam.v1.Policy',
      authorization.mayAdminister,
      ({ resource = '', policy = {} }) => {
        const current = policyOf(broker, resource);
        const { etag } = policy;
        if (etag !== undefined && etag.length > 0 && !etag.equals(current.etag ?? FRESH_ETAG))
          throw new StatusError(Code.ABORTED, 'The policy was changed since it was read: read it again.');
        broker.policies.set(resource, {
          version: policy.version ?? 1,
          bindings: policy.bindings ?? [],
          etag: randomBytes(8).toString('base64'),
        });
        broker.save();
        return policyOf(broker, resource);
      },
    ),
    unary<{ resource?: string }, IamPolicy>(
      `${SERVICE}/GetIamPolicy`,
      'google.iam.v1.GetIamPolicyRequest',
      'google.iam.v1.Policy',
      authorization.mayAdminister,
      ({ resource = '' }) => policyOf(broker, resource),
    ),
    unary<{ resource?: string; permissions?: string[] }, { permissions: string[] }>(
      `${SERVICE}/TestIamPermissions`,
      'google.iam.v1.TestIamPermissionsRequest',
      'google.iam.v1.TestIamPermissionsResponse',
      authorization.mayAdminister,
      ({ permissions = [] }) => ({ permissions }),
    ),
  ];
}

function policyOf(broker: Broker, resource: string): IamPolicy {
  if (!broker.topics.has(resource) && !broker.subscriptions.has(resource) && !broker.schemas.has(resource))
    throw notFound(resource);
  const policy = broker.policies.get(resource);
  if (policy === undefined) return { version: 0, bindings: [], etag: FRESH_ETAG };
  return { version: policy.version, bindings: policy.bindings, etag: Buffer.from(policy.etag, 'base64') };
}

import { iamHandlers } from '../rpc/iam-policies.ts';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import { type Method, methodsOf } from './rpc.ts';
import { notFound } from './status.ts';

/** google.iam.v1.IAMPolicy: policies are kept; who may publish is decided by the options that the service starts with. */
export function iamMethods(broker: Broker, authorization: Authorization): Method[] {
  const handlers = iamHandlers({
    has: (resource) =>
      [broker.topics, broker.subscriptions, broker.snapshots, broker.schemas].some((all) => all.has(resource)),
    missing: notFound,
    get: (resource) => broker.policies.get(resource),
    set: (resource, policy) => {
      broker.policies.set(resource, policy);
      broker.save();
    },
  });
  const method = methodsOf('google.iam.v1.IAMPolicy', authorization.mayAdminister);
  return [
    method('SetIamPolicy', 'Policy', handlers.SetIamPolicy),
    method('GetIamPolicy', 'Policy', handlers.GetIamPolicy),
    method('TestIamPermissions', 'TestIamPermissionsResponse', handlers.TestIamPermissions),
  ];
}

import { iamHandlers } from '../rpc/iam-policies.ts';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import { type Method, unary } from './rpc.ts';
import { notFound } from './status.ts';

const PACKAGE = 'google.iam.v1';

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
  const method = <Request extends object, Response extends object>(
    name: string,
    response: string,
    handle: (request: Request) => Response,
  ) =>
    unary<Request, Response>(
      `/${PACKAGE}.IAMPolicy/${name}`,
      `${PACKAGE}.${name}Request`,
      `${PACKAGE}.${response}`,
      authorization.mayAdminister,
      handle,
    );
  return [
    method('SetIamPolicy', 'Policy', handlers.SetIamPolicy),
    method('GetIamPolicy', 'Policy', handlers.GetIamPolicy),
    method('TestIamPermissions', 'TestIamPermissionsResponse', handlers.TestIamPermissions),
  ];
}

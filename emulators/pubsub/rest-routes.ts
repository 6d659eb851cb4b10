import { type HttpRule, type Route, routesOf } from '../rest/http-rules.ts';
import { root } from './protos.ts';

/** Access policies hang on four kinds of resources; Pub/Sub states these rules in its service configuration. */
const PROTECTED = ['topics', 'subscriptions', 'snapshots', 'schemas'].map(
  (kind) => `/v1/{resource=projects/*/${kind}/*}`,
);

const iamRules: Record<string, HttpRule[]> = {
  'google.iam.v1.IAMPolicy.GetIamPolicy': PROTECTED.map((path) => ({ get: `${path}:getIamPolicy` })),
  'google.iam.v1.IAMPolicy.SetIamPolicy': PROTECTED.map((path) => ({ post: `${path}:setIamPolicy`, body: '*' })),
  'google.iam.v1.IAMPolicy.TestIamPermissions': PROTECTED.map((path) => ({
    post: `${path}:testIamPermissions`,
    body: '*',
  })),
};

const SERVICES = ['Publisher', 'Subscriber', 'SchemaService'].map((name) => `google.pubsub.v1.${name}`);

/** Pub/Sub's REST API, version 1. */
export const pubSubRoutes = (): Route[] => routesOf(root, [...SERVICES, 'google.iam.v1.IAMPolicy'], iamRules);

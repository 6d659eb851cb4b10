import * as pulumi from '@pulumi/pulumi';

/**
 * Names that more than one resource must agree on. Everything is named here or where it is made, nothing by Pulumi: a name that
 * carries a random suffix can be neither predicted nor found again.
 */

/** Ids of service accounts: 6 to 30 characters. */
export const ACCOUNTS = {
  context: (context: string) => `context-${context}`,
  push: (context: string) => `push-${context}`,
  gateway: 'gateway',
  scheduler: 'scheduler',
  build: 'function-build',
  migrator: 'migrator',
} as const;

/** The login role of a context has the name of its schema; core's migration counts on both. */
export const loginRole = (context: string) => context;
export const outboxRole = (context: string) => `${context}_outbox`;

/** The Secret Manager id under which a database role's password is kept. */
export const passwordSecret = (role: string) => `database-${role.replaceAll('_', '-')}`;

/** The environment variable in which a secret arrives: its name in capitals. */
export const variableName = (name: string) => name.toUpperCase().replaceAll('-', '_');

/** A job as Cloud Run's API names it. */
export const jobName = ({ project, region }: { project: string; region: string }, name: string) =>
  `projects/${project}/locations/${region}/jobs/${name}`;

export const DATABASE = 'millrace';
export const DEAD_LETTERS = 'dead-letters';
export const SOURCES = 'sources';
/** The ring of tenants' keys. */
export const TENANT_KEYS = 'tenants';
export const keyRingName = ({ project, region }: { project: string; region: string }) =>
  `projects/${project}/locations/${region}/keyRings/${TENANT_KEYS}`;
/** Where a bucket tells of its objects. */
export const objectsTopic = (bucket: string) => `objects-${bucket}`;
/** Where identity publishes the keys of its tokens. */
export const JWKS_BUCKET = 'jwks';

/** Limits of https://cloud.google.com/run/quotas, https://cloud.google.com/iam/quotas and https://cloud.google.com/pubsub/quotas. */
const LIMITS = {
  /** Cloud Run adds a revision's suffix to a service's name within a DNS label of 63. */
  function: /^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/,
  /** A job's name and its execution's suffix are a DNS label. */
  job: /^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/,
  context: /^[a-z][a-z0-9-]{1,21}$/,
  topic: /^(?!goog)[A-Za-z][\w.~+%-]{2,254}$/,
  secret: /^[\w-]{1,255}$/,
} as const;

/** Throws a RunError where the cloud would refuse the name, long before it does. */
export function checkName(kind: keyof typeof LIMITS, name: string): void {
  if (!LIMITS[kind].test(name)) throw new pulumi.RunError(`"${name}" cannot be the name of a ${kind}: ${LIMITS[kind]}`);
}

import * as pulumi from '@pulumi/pulumi';
import * as z from 'zod';

/** The environments that hold the platform; `bootstrap` only prepares their projects, `local` is this machine. */
export const ENVIRONMENTS = ['local', 'dev', 'staging', 'production'] as const;
export const STACKS = ['bootstrap', ...ENVIRONMENTS] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

const database = z
  .strictObject({
    edition: z.enum(['ENTERPRISE', 'ENTERPRISE_PLUS']),
    tier: z.string(),
    availability: z.enum(['ZONAL', 'REGIONAL']),
    maxConnections: z.int().min(50),
    /** Connections one function instance may hold under its login role. */
    connectionsPerInstance: z.int().min(1),
    pooling: z
      .strictObject({ serverConnectionsPerRole: z.int().min(1), maxClientConnections: z.int().min(100) })
      .optional(),
    backupsKept: z.int().min(1),
    recoveryDays: z.int().min(1).max(35),
  })
  .refine(({ edition, pooling }) => pooling === undefined || edition === 'ENTERPRISE_PLUS', {
    error: 'managed pooling exists in ENTERPRISE_PLUS only',
    path: ['pooling'],
  });

const settings = z.strictObject({
  environment: z.enum(ENVIRONMENTS),
  project: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'not a project id'),
  region: z.string().min(1),
  /** Guards what holds data against deletion. */
  protect: z.boolean(),
  /** Where the local host serves functions. */
  hostPort: z.int().optional(),
  alertEmail: z.email().optional(),
  /** The API's own address, as callers reach it. */
  apiServer: z.url(),
  /** Where the gateway finds the keys of access tokens; the public bucket unless said otherwise. */
  jwksUri: z.url().optional(),
  /** What a context's functions are told beside what all are, such as an exchange's address: context, then variable, then value. */
  variables: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  /** Who publishes from outside, by topic: IAM members such as `serviceAccount:feed@…`. */
  producers: z.record(z.string(), z.array(z.string())).default({}),
  database,
  functions: z.strictObject({
    /** No function gets more instances than this, whatever it declares. */
    maxInstances: z.int().min(1),
    /** Whether the instances that functions want kept warm are paid for here. */
    minInstances: z.boolean(),
  }),
  messaging: z.strictObject({
    retryMinimumSeconds: z.number().min(0).max(600),
    retryMaximumSeconds: z.number().min(0).max(600),
    /** How long topics keep messages, for replays. Pub/Sub's most is 31 days. */
    retentionDays: z.int().min(1).max(31),
  }),
});

export interface Settings extends z.infer<typeof settings> {
  /** What every database password is derived from. */
  passwordSeed: pulumi.Output<string>;
  /** Values of the secrets that functions declare, by name. */
  secretValues: pulumi.Output<Record<string, string>>;
}

/** Throws a RunError of one line where the stack is none of ours. */
export function knownStack(stack: string): (typeof STACKS)[number] {
  const known = STACKS.find((name) => name === stack);
  if (known === undefined) {
    throw new pulumi.RunError(`there is no environment "${stack}"; there are ${STACKS.join(', ')}`);
  }
  return known;
}

/** The stack's configuration, checked. Throws a RunError that names every setting that is missing or wrong. */
export function readSettings(environment: Environment): Settings {
  const gcp = new pulumi.Config('gcp');
  const millrace = new pulumi.Config('millrace');
  const read = settings.safeParse({
    environment,
    project: gcp.get('project'),
    region: gcp.get('region'),
    protect: millrace.getBoolean('protect'),
    hostPort: millrace.getNumber('hostPort'),
    alertEmail: millrace.get('alertEmail'),
    apiServer: millrace.get('apiServer'),
    jwksUri: millrace.get('jwksUri'),
    variables: millrace.getObject('variables'),
    producers: millrace.getObject('producers'),
    database: millrace.getObject('database'),
    functions: millrace.getObject('functions'),
    messaging: millrace.getObject('messaging'),
  });
  const passwordSeed = millrace.getSecret('passwordSeed');
  if (read.success && passwordSeed !== undefined) {
    const secretValues =
      millrace.getSecretObject<Record<string, string>>('secrets') ?? pulumi.secret<Record<string, string>>({});
    return { ...read.data, passwordSeed, secretValues };
  }
  const wrong = (read.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (passwordSeed === undefined) wrong.push('passwordSeed: set it with pulumi config set --secret');
  throw new pulumi.RunError(`stack ${environment} is not configured (Pulumi.${environment}.yaml): ${wrong.join('; ')}`);
}

/** The projects whose APIs the bootstrap stack enables. */
export function readProjects(): string[] {
  return z.array(z.string().min(1)).min(1).parse(new pulumi.Config('millrace').getObject('projects'));
}

import * as z from 'zod';

/** What a running function knows of its surroundings. Every variable is set by infra/ and, locally, by the host. */
export interface Config {
  environment: 'local' | 'dev' | 'staging' | 'production';
  projectId: string;
  database: DatabaseConfig;
  /** Address of each function that may be called, by name. */
  addresses: Record<string, string>;
  /** E-mail of the service account this function runs as. */
  serviceAccount: string;
  /** Origin of the metadata server, which hands out identity tokens. */
  metadataServer: string;
  /** Where spans go: a file locally, Cloud Trace's OTLP endpoint in the cloud. */
  traces: { kind: 'file'; path: string } | { kind: 'otlp'; url: string } | { kind: 'none' };
  /** The region it runs in. */
  region: string;
  /** Everything else, such as secrets, by name. */
  variable(name: string): string;
}

export interface DatabaseConfig {
  host: string;
  port: number;
  name: string;
  /** The login role: no more than the context needs. */
  user: string;
  password: string;
  /** The role that reads and clears the outbox, and nothing else. */
  outboxUser: string;
  outboxPassword: string;
  maxConnections: number;
  /** Named statements need a direct connection, or a pooler that keeps them. */
  namedStatements: boolean;
}

const variables = z.object({
  ENVIRONMENT: z.enum(['local', 'dev', 'staging', 'production']),
  GOOGLE_CLOUD_PROJECT: z.string().min(1),
  REGION: z.string().min(1),
  SERVICE_ACCOUNT: z.string().min(1),
  DATABASE_HOST: z.string().min(1),
  DATABASE_PORT: z.coerce.number().int(),
  DATABASE_NAME: z.string().min(1),
  DATABASE_USER: z.string().min(1),
  DATABASE_PASSWORD: z.string(),
  DATABASE_OUTBOX_USER: z.string().min(1),
  DATABASE_OUTBOX_PASSWORD: z.string(),
  DATABASE_MAX_CONNECTIONS: z.coerce.number().int().min(1),
  DATABASE_NAMED_STATEMENTS: z.enum(['true', 'false']).default('false'),
  ADDRESSES: z.string().default('{}'),
  GCE_METADATA_HOST: z.string().default('metadata.google.internal'),
  TRACE_FILE: z.string().optional(),
  TRACE_ENDPOINT: z.url().optional(),
});

/** Reads and checks the environment. Throws one line that names every variable that is missing or wrong. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const read = variables.safeParse(environment);
  if (!read.success) {
    const wrong = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`the environment is not complete: ${wrong.join('; ')}`);
  }
  const value = read.data;
  return {
    environment: value.ENVIRONMENT,
    projectId: value.GOOGLE_CLOUD_PROJECT,
    region: value.REGION,
    serviceAccount: value.SERVICE_ACCOUNT,
    database: {
      host: value.DATABASE_HOST,
      port: value.DATABASE_PORT,
      name: value.DATABASE_NAME,
      user: value.DATABASE_USER,
      password: value.DATABASE_PASSWORD,
      outboxUser: value.DATABASE_OUTBOX_USER,
      outboxPassword: value.DATABASE_OUTBOX_PASSWORD,
      maxConnections: value.DATABASE_MAX_CONNECTIONS,
      namedStatements: value.DATABASE_NAMED_STATEMENTS === 'true',
    },
    addresses: z.record(z.string(), z.url()).parse(JSON.parse(value.ADDRESSES)),
    metadataServer: `http://${value.GCE_METADATA_HOST}`,
    traces: tracesOf(value.TRACE_FILE, value.TRACE_ENDPOINT),
    variable(name) {
      const found = environment[name];
      if (found === undefined) throw new Error(`the environment lacks ${name}`);
      return found;
    },
  };
}

function tracesOf(file: string | undefined, endpoint: string | undefined): Config['traces'] {
  if (file !== undefined) return { kind: 'file', path: file };
  if (endpoint !== undefined) return { kind: 'otlp', url: endpoint };
  return { kind: 'none' };
}

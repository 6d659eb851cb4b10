import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { type CloudOptions, DEFAULT_PORTS, type Ports } from '../../../emulators/cloud/options.ts';
import type { LocalSecrets } from '../../../emulators/cloud/secrets.ts';
import type { InspectedCloud } from '../../../emulators/demo/superuser.ts';
import { freePort } from '../../../emulators/ports.ts';
import type { LocalPlan } from '../../../infra/local-plan.ts';

// Without this the clients look for Google's metadata server before their first call.
process.env.METADATA_SERVER_DETECTION = 'none';

/** As Pulumi.local.yaml has it. */
export const PROJECT = 'millrace-local';

export type ServiceName = 'host' | 'pubsub' | 'venue' | 'postgres' | 'firestore';

/** Where a cloud keeps its state and listens. */
export interface Place {
  folder: string;
  ports: Ports;
  forget(): Promise<void>;
}

/** What a journey steers a cloud by and looks into it with, in whichever process it runs. */
export interface CloudAccess {
  ports: Ports;
  folder: string;
  gatewayUrl: string;
  adminPassword: string;
  inspected: InspectedCloud;
  /** As the superuser, whom row-level security does not bind: for looking, in assertions. */
  sql: postgres.Sql;
  /** Resolves when every published message is processed and nothing waits in an outbox. */
  quiet(deadlineMs?: number): Promise<void>;
  sweep(): Promise<void>;
  /** kill -9; its supervisor starts it again. */
  kill(service: ServiceName): Promise<void>;
}

export async function newPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-journey-'));
  // The PostgreSQL server runs as a user of its own.
  await chmod(folder, 0o755);
  const names = Object.keys(DEFAULT_PORTS) as (keyof Ports)[];
  const ports = {} as Ports;
  for (const name of names) ports[name] = await freePort();
  return { folder, ports, forget: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
}

export function optionsFor({ folder, ports }: Place, changes: Partial<CloudOptions> = {}): CloudOptions {
  return {
    folder,
    ports,
    fresh: false,
    fsync: false,
    isolate: false,
    idleSeconds: 60,
    workers: 1,
    watch: false,
    ...changes,
  };
}

/** What any of them offers once it is up. */
export async function cloudAccess(
  place: Place,
): Promise<Omit<CloudAccess, 'quiet' | 'sweep' | 'kill'> & { close(): Promise<void> }> {
  const { folder, ports } = place;
  const secrets: LocalSecrets = JSON.parse(await readFile(join(folder, 'secrets.json'), 'utf8'));
  const sql = postgres({
    host: '127.0.0.1',
    port: ports.postgres,
    user: 'postgres',
    password: secrets.postgresPassword,
    database: 'millrace',
    max: 2,
    onnotice: () => undefined,
  });
  return {
    ports,
    folder,
    gatewayUrl: `http://127.0.0.1:${ports.gateway}`,
    adminPassword: secrets.variables.ADMIN_PASSWORD ?? '',
    inspected: { options: optionsFor(place), secrets, plan: await readPlanIn(folder) },
    sql,
    close: () => sql.end(),
  };
}

/** A folder that is started once has one plan. */
async function readPlanIn(folder: string): Promise<LocalPlan> {
  const [file = ''] = await readdir(join(folder, 'plans'));
  return JSON.parse(await readFile(join(folder, 'plans', file), 'utf8'));
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalPlan } from '../../infra/local-plan.ts';
import { asAdministrator } from './administrator.ts';
import { contentHash } from './content-hash.ts';
import type { Ports } from './options.ts';
import { ROOT } from './plan.ts';
import { provisionPubSub } from './provision.ts';
import { provisionBuckets } from './provision-buckets.ts';
import { provisionSecrets } from './provision-secrets.ts';
import type { LocalSecrets } from './secrets.ts';

/** Brings PostgreSQL's schemas up to date, unless they were left so. */
export async function migrateOnce(folder: string, plan: LocalPlan, ports: Ports, secrets: LocalSecrets): Promise<void> {
  const folders = ['functions/core/migrations', ...plan.contexts.map(({ name }) => `functions/${name}/migrations`)];
  await once(join(folder, 'migrated'), await contentHash(ROOT, folders), async () => {
    const [{ migrate }, { default: postgres }] = await Promise.all([
      import('../../infra/migrate.ts'),
      import('postgres'),
    ]);
    const admin = { host: '127.0.0.1', port: ports.postgres, user: 'postgres', password: secrets.postgresPassword };
    const sql = postgres({ ...admin, database: 'postgres', max: 1 });
    const [found] = await sql`select 1 from pg_database where datname = 'millrace'`;
    if (found === undefined) await sql.unsafe('create database millrace');
    await sql.end();
    const passwords = Object.fromEntries(
      plan.contexts
        .flatMap(({ loginRole, outboxRole }) => [loginRole, outboxRole])
        .map((role) => [role, plan.secrets[`database-${role.replaceAll('_', '-')}`] ?? '']),
    );
    await migrate({
      admin: { ...admin, database: 'millrace' },
      contexts: plan.contexts.map(({ name }) => name),
      passwords,
      functionsFolder: join(ROOT, 'functions'),
    });
  });
}

/** Makes topics, buckets and secrets what the plan says, unless they were left so. */
export async function provisionOnce(
  folder: string,
  plan: LocalPlan,
  hash: string,
  ports: Ports,
  secrets: LocalSecrets,
): Promise<void> {
  await once(join(folder, 'provisioned'), `${hash} with buckets, notifications and secrets`, async () => {
    const administrator = await asAdministrator(plan, `http://127.0.0.1:${ports.identity}`);
    await Promise.all([
      provisionPubSub(plan, ports.pubsub, administrator),
      provisionBuckets(plan, `http://127.0.0.1:${ports.storage}`),
      provisionSecrets(plan, secrets, `http://127.0.0.1:${ports['secret-manager']}`),
    ]);
  });
}

/** Does the work unless the marker says that it was done for this very state. */
async function once(marker: string, state: string, work: () => Promise<void>): Promise<void> {
  const done = await readFile(marker, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (done === state) return;
  await work();
  await writeFile(marker, state);
}

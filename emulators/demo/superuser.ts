import postgres from 'postgres';
import type { Cloud } from '../cloud/cloud.ts';

/** What a look into the local cloud's database needs of it. */
export type InspectedCloud = Pick<Cloud, 'options' | 'secrets' | 'plan'>;

/**
 * Runs `work` on the local cloud's database as its superuser, whom row-level security does not bind: checks go across contexts and
 * tenants, as nothing in the cloud itself may. Numbers that PostgreSQL keeps as numeric or bigint arrive as text.
 */
export async function asSuperuser<T>(cloud: InspectedCloud, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres({
    host: '127.0.0.1',
    port: cloud.options.ports.postgres,
    user: 'postgres',
    password: cloud.secrets.postgresPassword,
    database: 'millrace',
    max: 2,
    onnotice: () => undefined,
  });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../settings.ts';
import { DATABASE } from './naming.ts';
import type { PlatformNetwork } from './network.ts';
import { passwordFor } from './passwords.ts';

/** Where functions reach PostgreSQL: the pooler where there is one. Migrations always go to PostgreSQL itself. */
export interface PlatformDatabase {
  host: pulumi.Output<string>;
  port: number;
  directPort: number;
  /** Whether statements keep their names between transactions: not through a pooler. */
  namedStatements: boolean;
  /** What a migration waits for. */
  ready: pulumi.Resource[];
}

const POSTGRES_PORT = 5432;
/** Where Cloud SQL's managed pooling listens. */
const POOLER_PORT = 6432;

/**
 * PostgreSQL 18 with a private address only. The `migrator` is the one user made here: what the API makes becomes a member of
 * cloudsqlsuperuser, and a context's login role must have no more than it needs, so infra/migrate.ts makes those in SQL.
 */
export function createDatabase(settings: Settings, network: PlatformNetwork): PlatformDatabase {
  const { region, protect, database } = settings;
  const instance = new gcp.sql.DatabaseInstance(
    'millrace',
    {
      name: 'millrace',
      region,
      databaseVersion: 'POSTGRES_18',
      deletionProtection: protect,
      settings: {
        tier: database.tier,
        edition: database.edition,
        availabilityType: database.availability,
        deletionProtectionEnabled: protect,
        diskAutoresize: true,
        ipConfiguration: {
          ipv4Enabled: false,
          privateNetwork: network.id,
          sslMode: 'ALLOW_UNENCRYPTED_AND_ENCRYPTED',
        },
        backupConfiguration: {
          enabled: true,
          startTime: '02:00',
          pointInTimeRecoveryEnabled: true,
          transactionLogRetentionDays: Math.min(database.recoveryDays, mostRecoveryDays(settings)),
          backupRetentionSettings: { retainedBackups: database.backupsKept, retentionUnit: 'COUNT' },
        },
        connectionPoolConfigs: pooling(settings),
        databaseFlags: [{ name: 'max_connections', value: String(database.maxConnections) }],
        insightsConfig: { queryInsightsEnabled: true },
      },
    },
    { protect, dependsOn: [network.peering] },
  );
  const schema = new gcp.sql.Database(DATABASE, { name: DATABASE, instance: instance.name }, { protect });
  const migrator = new gcp.sql.User('migrator', {
    name: 'migrator',
    instance: instance.name,
    type: 'BUILT_IN',
    password: passwordFor(settings, 'migrator'),
  });
  return {
    host: instance.privateIpAddress,
    port: database.pooling === undefined ? POSTGRES_PORT : POOLER_PORT,
    directPort: POSTGRES_PORT,
    namedStatements: database.pooling === undefined,
    ready: [schema, migrator],
  };
}

/** A pool belongs to one user and database, and a transaction, not a session, holds its connection. */
function pooling({ database }: Settings): gcp.types.input.sql.DatabaseInstanceSettingsConnectionPoolConfig[] {
  if (database.pooling === undefined) return [];
  const flags = {
    pool_mode: 'transaction',
    max_pool_size: database.pooling.serverConnectionsPerRole,
    max_client_connections: database.pooling.maxClientConnections,
  };
  return [
    {
      connectionPoolingEnabled: true,
      flags: Object.entries(flags).map(([name, value]) => ({ name, value: String(value) })),
    },
  ];
}

function mostRecoveryDays({ database }: Settings): number {
  return database.edition === 'ENTERPRISE_PLUS' ? 35 : 7;
}

import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Bundle } from '../bundle.ts';
import type { Platform } from './functions.ts';
import { mounted, NODE_IMAGE, SOURCES_MOUNT, surroundings } from './job-surroundings.ts';
import { DATABASE, loginRole, outboxRole, passwordSecret } from './naming.ts';
import { secretOf } from './secrets.ts';

type MigrationPlatform = Pick<Platform, 'settings' | 'accounts' | 'network' | 'database' | 'secrets' | 'buckets'>;

const CONTEXT_HASH_CHARACTERS = 12;

/**
 * The job that brings one context's schema up to date, run as a step of the deployment: its execution token is the hash of the
 * context's migrations, so `pulumi up` runs it when they changed, waits for it to succeed, and only then goes on to the context's
 * functions. What a later release no longer needs is dropped by that release's migrations, when no code that used it is left.
 */
export function createMigration(platform: MigrationPlatform, context: string, bundle: Bundle): pulumi.Resource {
  const { settings, accounts, database, secrets, buckets } = platform;
  const roles = [loginRole(context), outboxRole(context), 'migrator'];
  const source = new gcp.storage.BucketObject(`migrate-${context}-source`, {
    bucket: buckets.sources.name,
    name: `migrations/${context}/${bundle.hash}.mjs`,
    source: new pulumi.asset.FileAsset(bundle.archive),
  });
  return new gcp.cloudrunv2.Job(
    `migrate-${context}`,
    {
      name: `migrate-${context}`,
      location: settings.region,
      deletionProtection: false,
      // Execution tokens are in preview: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs
      launchStage: 'BETA',
      runExecutionToken: bundle.hash.slice(0, CONTEXT_HASH_CHARACTERS),
      template: {
        taskCount: 1,
        template: {
          serviceAccount: accounts.migrator.email,
          maxRetries: 1,
          timeout: '1800s',
          containers: [
            {
              image: NODE_IMAGE,
              commands: ['node'],
              args: [mounted(source)],
              envs: [
                { name: 'MIGRATE_CONTEXT', value: context },
                { name: 'DATABASE_HOST', value: database.host },
                { name: 'DATABASE_PORT', value: String(database.directPort) },
                { name: 'DATABASE_NAME', value: DATABASE },
                ...roles.map((role) => ({
                  name: passwordVariable(role, context),
                  valueSource: secretReference(secretOf(secrets, passwordSecret(role))),
                })),
              ],
              volumeMounts: [SOURCES_MOUNT],
            },
          ],
          ...surroundings(platform),
        },
      },
    },
    {
      dependsOn: [
        ...database.ready,
        ...buckets.sourceReaders,
        ...roles.flatMap((role) => secretOf(secrets, passwordSecret(role)).readers),
      ],
    },
  );
}

function passwordVariable(role: string, context: string): string {
  if (role === loginRole(context)) return 'DATABASE_PASSWORD';
  return role === outboxRole(context) ? 'DATABASE_OUTBOX_PASSWORD' : 'MIGRATOR_PASSWORD';
}

/** A secret as a container's variable. */
export function secretReference({ secretId, version }: { secretId: string; version: gcp.secretmanager.SecretVersion }) {
  return { secretKeyRef: { secret: secretId, version: version.version } };
}

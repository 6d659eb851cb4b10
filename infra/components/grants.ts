import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { contextsOf, type Manifest, useCasesOf } from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';

/** What every context does: reach the database, and write spans. Logs go to standard output, which needs no role. */
const EVERY_CONTEXT = ['roles/cloudsql.client', 'roles/telemetry.tracesWriter', 'roles/logging.logWriter'];
/** What Cloud Build needs to build a function: https://cloud.google.com/functions/docs/securing/build-custom-sa */
const BUILD = ['roles/logging.logWriter', 'roles/artifactregistry.writer'];
const MIGRATOR = ['roles/cloudsql.client', 'roles/logging.logWriter'];

/** Roles on the project, by context: exactly what the declarations ask for. Finer ones are granted on the resource itself. */
export function createGrants(
  settings: Settings,
  manifest: Manifest,
  accounts: Accounts,
): (context: string) => pulumi.Resource[] {
  const grants = new Map(
    contextsOf(manifest).map((context) => {
      const account = accountOf(accounts.contexts, context);
      return [context, rolesOf(manifest, context).map((role) => grant(settings, `context-${context}`, role, account))];
    }),
  );
  for (const role of BUILD) grant(settings, 'function-build', role, accounts.build);
  for (const role of MIGRATOR) grant(settings, 'migrator', role, accounts.migrator);
  for (const context of signingContexts(manifest)) {
    grants.get(context)?.push(signAsItself(context, accountOf(accounts.contexts, context)));
  }
  return (context) => grants.get(context) ?? [];
}

function rolesOf(manifest: Manifest, context: string): string[] {
  const own = useCasesOf(manifest).filter((entry) => entry.context === context);
  const deployments = own.map(({ declaration }) => declaration.deployment);
  const roles = [...EVERY_CONTEXT];
  if (deployments.some(({ firestore }) => firestore === 'write')) roles.push('roles/datastore.user');
  else if (deployments.some(({ firestore }) => firestore === 'read')) roles.push('roles/datastore.viewer');
  // Whoever operates the platform follows what happened through it.
  if (own.some(({ declaration }) => declaration.kind !== 'job' && declaration.deployment.operatesPlatform))
    roles.push('roles/cloudtrace.user');
  return roles;
}

function signingContexts(manifest: Manifest): string[] {
  const signing = useCasesOf(manifest).filter(({ declaration }) => declaration.deployment.signsUrls === true);
  return [...new Set(signing.map(({ context }) => context))].sort();
}

/** A signed URL is signed by IAM for the account that asks, which has no key: https://cloud.google.com/storage/docs/access-control/signing-urls-with-helpers */
function signAsItself(context: string, account: gcp.serviceaccount.Account): pulumi.Resource {
  return new gcp.serviceaccount.IAMMember(`context-${context}-signs-as-itself`, {
    serviceAccountId: account.name,
    role: 'roles/iam.serviceAccountTokenCreator',
    member: account.member,
  });
}

function grant(settings: Settings, holder: string, role: string, account: gcp.serviceaccount.Account): pulumi.Resource {
  return new gcp.projects.IAMMember(`${holder}-${role.slice('roles/'.length)}`, {
    project: settings.project,
    role,
    member: account.member,
  });
}

import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Manifest, useCasesOf } from '../../functions/core/manifest.ts';
import type { Settings } from '../settings.ts';
import type { Accounts } from './accounts.ts';
import { accountOf } from './accounts.ts';
import { checkName, loginRole, outboxRole, passwordSecret } from './naming.ts';
import { derivePassword, passwordFor } from './passwords.ts';

/** A secret and the version that is current; a function's environment names both. */
export interface StoredSecret {
  secretId: string;
  version: gcp.secretmanager.SecretVersion;
  /** What may read it: a function waits for its grants, or its first start fails. */
  readers: gcp.secretmanager.SecretIamMember[];
}

export type Secrets = Map<string, StoredSecret>;

/** Each role's password and each secret that a function declares, readable by exactly the accounts whose functions need it. */
export function createSecrets(settings: Settings, manifest: Manifest, accounts: Accounts): Secrets {
  const wanted = new Map<string, { value: pulumi.Output<string>; readers: Map<string, gcp.serviceaccount.Account> }>();
  const want = (
    secretId: string,
    value: pulumi.Output<string>,
    reader: string,
    account: gcp.serviceaccount.Account,
  ) => {
    const entry = wanted.get(secretId) ?? { value, readers: new Map() };
    wanted.set(secretId, entry);
    entry.readers.set(reader, account);
  };
  for (const [context, account] of accounts.contexts) {
    for (const role of [loginRole(context), outboxRole(context)]) {
      want(passwordSecret(role), passwordFor(settings, role), context, account);
      want(passwordSecret(role), passwordFor(settings, role), 'migrator', accounts.migrator);
    }
  }
  want(passwordSecret('migrator'), passwordFor(settings, 'migrator'), 'migrator', accounts.migrator);
  for (const { context, declaration } of useCasesOf(manifest)) {
    for (const name of declaration.deployment.secrets ?? []) {
      want(name, declaredValue(settings, name), context, accountOf(accounts.contexts, context));
    }
  }
  return new Map([...wanted].map(([id, { value, readers }]) => [id, store(id, value, readers)]));
}

/** What the stack says; this machine makes one up, the same each time. */
function declaredValue({ secretValues, passwordSeed, project }: Settings, name: string): pulumi.Output<string> {
  return pulumi
    .all([secretValues, passwordSeed])
    .apply(([values, seed]) => values[name] ?? derivePassword(seed, project, name));
}

/**
 * Rejects with a RunError that says what to type where the stack lacks the value of a declared secret. Before anything is made:
 * thrown later, it would surface once for everything that depends on it.
 */
export async function refuseMissingSecrets({ environment, secretValues }: Settings, manifest: Manifest): Promise<void> {
  if (environment === 'local') return;
  const known = await new Promise<string[]>((resolve) => {
    secretValues.apply((values) => resolve(Object.keys(values)));
  });
  const missing = useCasesOf(manifest)
    .flatMap(({ declaration }) => declaration.deployment.secrets ?? [])
    .find((name) => !known.includes(name));
  if (missing === undefined) return;
  throw new pulumi.RunError(
    `a function declares the secret ${missing}: pulumi config set --secret --path millrace:secrets.${missing} VALUE`,
  );
}

function store(
  secretId: string,
  secretData: pulumi.Output<string>,
  readers: Map<string, gcp.serviceaccount.Account>,
): StoredSecret {
  checkName('secret', secretId);
  const secret = new gcp.secretmanager.Secret(secretId, { secretId, replication: { auto: {} } });
  const version = new gcp.secretmanager.SecretVersion(secretId, { secret: secret.id, secretData });
  const grants = [...readers].map(
    ([reader, account]) =>
      new gcp.secretmanager.SecretIamMember(`${secretId}-read-by-${reader}`, {
        secretId: secret.secretId,
        role: 'roles/secretmanager.secretAccessor',
        member: account.member,
      }),
  );
  return { secretId, version, readers: grants };
}

/** The secret of that id, which is known to have been made. */
export function secretOf(secrets: Secrets, secretId: string): StoredSecret {
  const secret = secrets.get(secretId);
  if (secret === undefined) throw new Error(`no secret was made for ${secretId}`);
  return secret;
}

import * as gcp from '@pulumi/gcp';
import { ACCOUNTS } from './naming.ts';

/** Who acts in the project. */
export interface Accounts {
  /** What each context's functions run as. */
  contexts: Map<string, gcp.serviceaccount.Account>;
  /** Whose tokens Pub/Sub shows when it pushes to a context's functions. */
  push: Map<string, gcp.serviceaccount.Account>;
  gateway: gcp.serviceaccount.Account;
  scheduler: gcp.serviceaccount.Account;
  build: gcp.serviceaccount.Account;
  migrator: gcp.serviceaccount.Account;
}

/**
 * One account a context, and one more for the pushes to it. Pushing as the context itself was rejected: the context's code could
 * then invoke its own consumers with events it made up. One push account for all was rejected too: it could invoke every consumer.
 */
export function createAccounts(contexts: readonly string[]): Accounts {
  return {
    contexts: new Map(
      contexts.map((name) => [name, account(ACCOUNTS.context(name), `What the functions of ${name} run as`)]),
    ),
    push: new Map(contexts.map((name) => [name, account(ACCOUNTS.push(name), `Pub/Sub's pushes to ${name}`)])),
    gateway: account(ACCOUNTS.gateway, 'API Gateway, calling public functions'),
    scheduler: account(ACCOUNTS.scheduler, 'Cloud Scheduler, calling scheduled functions'),
    build: account(ACCOUNTS.build, 'Cloud Build, building functions'),
    migrator: account(ACCOUNTS.migrator, 'The job that migrates the database'),
  };
}

/** The account of a context that is known to be in the manifest. */
export function accountOf(
  accounts: Map<string, gcp.serviceaccount.Account>,
  context: string,
): gcp.serviceaccount.Account {
  const account = accounts.get(context);
  if (account === undefined) throw new Error(`no service account was made for ${context}`);
  return account;
}

function account(accountId: string, description: string): gcp.serviceaccount.Account {
  return new gcp.serviceaccount.Account(accountId, { accountId, displayName: accountId, description });
}

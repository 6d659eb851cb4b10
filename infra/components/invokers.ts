import * as gcp from '@pulumi/gcp';
import { type JobEntry, type Manifest, type ManifestEntry, useCasesOf } from '../../functions/core/manifest.ts';
import { functionsCalledBy } from '../../functions/core/manifest-problems.ts';
import type { Settings } from '../settings.ts';
import { type Accounts, accountOf } from './accounts.ts';
import { isPublic } from './functions.ts';
import { ACCOUNTS } from './naming.ts';

export type Functions = Map<string, gcp.cloudfunctionsv2.Function>;

/** run.invoker for whoever has a reason to call, function by function; for nobody else, and never for everybody. */
export function createInvokers(
  settings: Settings,
  manifest: Manifest,
  accounts: Accounts,
  functions: Functions,
): Map<string, gcp.cloudrunv2.ServiceIamMember[]> {
  return new Map(
    manifest.functions.map((entry) => [
      entry.name,
      [...invokersOf(manifest, accounts, entry)].map(([caller, account]) => {
        const { location, name } = functionOf(functions, entry.name);
        // The service beneath the function: 2nd-generation functions are invoked by its policy, not by their own.
        return new gcp.cloudrunv2.ServiceIamMember(`${entry.name}-invoked-by-${caller}`, {
          project: settings.project,
          location,
          name,
          role: 'roles/run.invoker',
          member: account.member,
        });
      }),
    ]),
  );
}

/** The function of that name, which is known to have been made. */
export function functionOf(functions: Functions, name: string): gcp.cloudfunctionsv2.Function {
  const found = functions.get(name);
  if (found === undefined) throw new Error(`no function was made for ${name}`);
  return found;
}

function invokersOf(
  manifest: Manifest,
  accounts: Accounts,
  entry: ManifestEntry,
): Map<string, gcp.serviceaccount.Account> {
  const invokers = new Map<string, gcp.serviceaccount.Account>();
  if (isPublic(entry)) invokers.set(ACCOUNTS.gateway, accounts.gateway);
  if (receivesPushes(entry)) invokers.set(ACCOUNTS.push(entry.context), accountOf(accounts.push, entry.context));
  if (entry.declaration.kind === 'schedule') invokers.set(ACCOUNTS.scheduler, accounts.scheduler);
  for (const caller of useCasesOf(manifest)) {
    if (mayCall(manifest, caller, entry)) {
      invokers.set(ACCOUNTS.context(caller.context), accountOf(accounts.contexts, caller.context));
    }
  }
  return invokers;
}

function mayCall(manifest: Manifest, caller: ManifestEntry | JobEntry, callee: ManifestEntry): boolean {
  const { declaration } = caller;
  if (declaration.kind !== 'job' && declaration.deployment.operatesPlatform) return true;
  return Object.values(functionsCalledBy(manifest, caller)).includes(callee.name);
}

/** Whether Pub/Sub pushes to it: an event's consumer, one that takes a bucket's objects, or the one that takes dead letters in. */
export function receivesPushes(entry: ManifestEntry): boolean {
  const { kind, deployment } = entry.declaration;
  return kind === 'event' || deployment.takesObjectsOf !== undefined || takesDeadLetters(entry);
}

/** Dead letters are of every type: their consumer is an internal HTTP function that reads Pub/Sub's push body as it is. */
export function takesDeadLetters({ file, declaration }: ManifestEntry): boolean {
  return declaration.kind === 'http' && declaration.contract.audience === 'internal' && file === 'on-dead-letter';
}

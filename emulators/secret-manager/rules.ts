import { failedPrecondition, invalidArgument, unimplemented } from '../rpc/status-error.ts';
import { isRegional } from './names.ts';
import { type GivenSecret, milliseconds, type Secret } from './resources.ts';

// The limits and patterns of google/cloud/secretmanager/v1/resources.proto, message Secret.
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const MAX_LABELS = 64;
const ANNOTATION_KEY = /^[a-z0-9A-Z]([-_.a-z0-9A-Z]{0,61}[a-z0-9A-Z])?$/;
const MAX_ANNOTATION_BYTES = 16 * 1024;
const ALIAS = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const MAX_ALIASES = 50;
// cloud.google.com/secret-manager/docs/delay-destruction-of-secret-versions
const MIN_DESTROY_TTL_MS = 24 * 3_600_000;
const MAX_DESTROY_TTL_MS = 1000 * 24 * 3_600_000;

/** Throws INVALID_ARGUMENT where a secret breaks a documented rule, UNIMPLEMENTED where it asks for what is not built. */
export function checkSecret(secret: GivenSecret, now: number): void {
  if ((secret.topics?.length ?? 0) > 0) throw unimplemented('A notification topic', 'Secret Manager');
  if (secret.rotation !== undefined) throw unimplemented('A rotation schedule', 'Secret Manager');
  checkLabels(secret.labels ?? {});
  checkAnnotations(secret.annotations ?? {});
  checkAliasNames(secret.versionAliases ?? {});
  if (secret.expireTime !== undefined && milliseconds(secret.expireTime) <= now)
    throw invalidArgument('The expiration time must be in the future.');
  if (secret.versionDestroyTtl === undefined) return;
  const ttl = milliseconds(secret.versionDestroyTtl);
  if (ttl < MIN_DESTROY_TTL_MS || ttl > MAX_DESTROY_TTL_MS)
    throw invalidArgument('version_destroy_ttl must be between 24 hours and 1000 days.');
}

/** A global secret says where its data is replicated to; a regional one stays where it is. */
export function checkReplication(name: string, { replication }: GivenSecret): void {
  if (isRegional(name)) {
    if (replication !== undefined) throw invalidArgument('A regional secret has no replication policy.');
    return;
  }
  const replicas = replication?.userManaged?.replicas;
  if (replication?.automatic === undefined && replicas === undefined)
    throw invalidArgument('Secret.replication must be provided.');
  if (replicas?.length === 0) throw invalidArgument('A user-managed replication policy must have replicas.');
}

function checkLabels(labels: Record<string, string>): void {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) throw invalidArgument(`A secret has at most ${MAX_LABELS} labels.`);
  for (const [key, value] of entries)
    if (!LABEL_KEY.test(key) || !LABEL_VALUE.test(value))
      throw invalidArgument(`The label [${key}: ${value}] is invalid.`);
}

function checkAnnotations(annotations: Record<string, string>): void {
  const entries = Object.entries(annotations);
  for (const [key] of entries)
    if (!ANNOTATION_KEY.test(key)) throw invalidArgument(`The annotation key [${key}] is invalid.`);
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes > MAX_ANNOTATION_BYTES) throw invalidArgument('Annotations are larger than 16 KiB in all.');
}

function checkAliasNames(aliases: Record<string, number>): void {
  const names = Object.keys(aliases);
  if (names.length > MAX_ALIASES) throw invalidArgument(`A secret has at most ${MAX_ALIASES} version aliases.`);
  for (const name of names)
    if (!ALIAS.test(name) || name === 'latest' || name === 'NEW')
      throw invalidArgument(`The version alias [${name}] is invalid.`);
}

/** Aliases name versions that there are. */
export function checkAliasTargets(secret: Secret, exists: (version: number) => boolean): void {
  for (const [alias, version] of Object.entries(secret.versionAliases ?? {}))
    if (!exists(version))
      throw failedPrecondition(`The version alias [${alias}] names version ${version}, which does not exist.`);
}

/** cloud.google.com/secret-manager/docs/etags: an etag that is given must be the current one. */
export function checkEtag(given: string | undefined, current: { name: string; etag: string }): void {
  if (given !== undefined && given !== '' && given !== current.etag)
    throw failedPrecondition(`The etag provided [${given}] does not match the etag of [${current.name}].`);
}

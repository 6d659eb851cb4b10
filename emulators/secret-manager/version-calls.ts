import { crc32c } from '@node-rs/crc32';
import { type PageRequest, page } from '../rpc/pages.ts';
import { failedPrecondition, invalidArgument } from '../rpc/status-error.ts';
import { parseListFilter } from './list-filter.ts';
import { checkSecretName } from './names.ts';
import { milliseconds, type Secret, type SecretVersion, timestamp } from './resources.ts';
import { checkEtag } from './rules.ts';
import type { Vault } from './vault.ts';

// cloud.google.com/secret-manager/quotas
const MAX_PAYLOAD_BYTES = 64 * 1024;

interface Payload {
  data?: Buffer;
  dataCrc32c?: number;
}

interface VersionRequest {
  name?: string;
  etag?: string;
}

/** What SecretManagerService does with versions of secrets. */
export function versionCalls(vault: Vault) {
  return {
    AddSecretVersion: ({ parent, payload = {} }: { parent?: string; payload?: Payload }) =>
      shown(add(vault, vault.secret(checkSecretName(parent)), payload)),
    GetSecretVersion: ({ name }: VersionRequest) => shown(vault.version(name)),
    AccessSecretVersion: ({ name }: VersionRequest) => access(vault.version(name)),
    ListSecretVersions: (request: { parent?: string; filter?: string } & PageRequest) => list(vault, request),
    EnableSecretVersion: (request: VersionRequest) => shown(restate(vault, request, 'ENABLED')),
    DisableSecretVersion: (request: VersionRequest) => shown(restate(vault, request, 'DISABLED')),
    DestroySecretVersion: (request: VersionRequest) => shown(destroy(vault, request)),
  };
}

function add(vault: Vault, secret: Secret, { data = Buffer.alloc(0), dataCrc32c }: Payload): SecretVersion {
  if (data.length === 0) throw invalidArgument('Secret Payload cannot be empty.');
  if (data.length > MAX_PAYLOAD_BYTES)
    throw invalidArgument(`The secret payload is ${data.length} bytes long; at most ${MAX_PAYLOAD_BYTES} are allowed.`);
  if (dataCrc32c !== undefined && dataCrc32c !== crc32c(data))
    throw invalidArgument('The checksum of the secret payload does not match its data: it was damaged on its way.');
  const number = secret.versions + 1;
  const version = vault.saveVersion({
    name: `${secret.name}/versions/${number}`,
    number,
    createTime: timestamp(vault.now()),
    state: 'ENABLED',
    replicationStatus: replicationStatus(secret),
    clientSpecifiedPayloadChecksum: dataCrc32c !== undefined,
    data: data.toString('base64'),
  });
  vault.countVersion(secret, number);
  return version;
}

function replicationStatus({ replication }: Secret): object {
  const replicas = replication?.userManaged?.replicas;
  return replicas === undefined
    ? { automatic: {} }
    : { userManaged: { replicas: replicas.map(({ location = '' }) => ({ location })) } };
}

function access({ name, state, data = '' }: SecretVersion): object {
  if (state !== 'ENABLED') throw failedPrecondition(`Secret Version [${name}] is in ${state} state.`);
  const bytes = Buffer.from(data, 'base64');
  return { name, payload: { data: bytes, dataCrc32c: crc32c(bytes) } };
}

/** Also gives a version back that waits for its destruction. */
function restate(vault: Vault, { name, etag }: VersionRequest, state: 'ENABLED' | 'DISABLED'): SecretVersion {
  const version = vault.version(name);
  checkEtag(etag, version);
  if (version.state === 'DESTROYED')
    throw failedPrecondition(`Secret Version [${version.name}] is in DESTROYED state.`);
  const { scheduledDestroyTime: _, ...rest } = version;
  return vault.saveVersion({ ...rest, state });
}

/** With a delay where the secret has one: disabled until then, and to be had back by enabling it. */
function destroy(vault: Vault, { name, etag }: VersionRequest): SecretVersion {
  const version = vault.version(name);
  checkEtag(etag, version);
  const { versionDestroyTtl } = vault.secret(version.name.replace(/\/versions\/\d+$/, ''));
  if (versionDestroyTtl === undefined || version.state === 'DESTROYED') return vault.destroy(version);
  const scheduledDestroyTime = timestamp(vault.now() + milliseconds(versionDestroyTtl));
  return vault.saveVersion({ ...version, state: 'DISABLED', scheduledDestroyTime });
}

/** Newest first. */
function list(vault: Vault, request: { parent?: string; filter?: string } & PageRequest): object {
  const matches = parseListFilter<SecretVersion>(request.filter, fieldOf);
  const versions = vault.versionsOf(vault.secret(checkSecretName(request.parent))).filter(matches);
  const { items, nextPageToken } = page(versions, ({ number }) => String(1e9 - number).padStart(10, '0'), request);
  return { versions: items.map(shown), nextPageToken, totalSize: versions.length };
}

function fieldOf(version: SecretVersion, field: string): string {
  if (field === 'state') return version.state;
  if (field === 'name') return version.name;
  throw invalidArgument(`Invalid filter: versions are not filtered by [${field}].`);
}

function shown({ number: _, data: __, ...version }: SecretVersion): object {
  return version;
}

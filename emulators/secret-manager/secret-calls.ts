import { status as Code } from '@grpc/grpc-js';
import { applyMask, type FieldMask } from '../rpc/field-mask.ts';
import { type PageRequest, page } from '../rpc/pages.ts';
import { invalidArgument, StatusError } from '../rpc/status-error.ts';
import { parseListFilter } from './list-filter.ts';
import { checkParent, checkSecretName, splitVersionName } from './names.ts';
import { type GivenSecret, milliseconds, type Secret, timestamp } from './resources.ts';
import { checkAliasTargets, checkEtag, checkReplication, checkSecret } from './rules.ts';
import type { Vault } from './vault.ts';

const MUTABLE = [
  'labels',
  'annotations',
  'version_aliases',
  'expire_time',
  'ttl',
  'topics',
  'rotation',
  'version_destroy_ttl',
  'customer_managed_encryption',
];

/** What SecretManagerService does with secrets. */
export function secretCalls(vault: Vault) {
  return {
    CreateSecret: (request: { parent?: string; secretId?: string; secret?: GivenSecret }) =>
      shown(create(vault, request)),
    GetSecret: ({ name }: { name?: string }) => shown(vault.secret(checkSecretName(name))),
    ListSecrets: (request: { parent?: string; filter?: string } & PageRequest) => list(vault, request),
    UpdateSecret: ({ secret = {}, updateMask }: { secret?: GivenSecret; updateMask?: FieldMask }) =>
      shown(update(vault, secret, updateMask)),
    DeleteSecret: ({ name, etag }: { name?: string; etag?: string }) => {
      const secret = vault.secret(checkSecretName(name));
      checkEtag(etag, secret);
      vault.removeSecret(secret);
      return {};
    },
  };
}

function create(
  vault: Vault,
  { parent, secretId = '', secret: given = {} }: { parent?: string; secretId?: string; secret?: GivenSecret },
): Secret {
  const name = checkSecretName(`${checkParent(parent)}/secrets/${secretId}`);
  const secret = withExpiry(given, vault.now());
  checkReplication(name, secret);
  checkSecret(secret, vault.now());
  if (Object.keys(secret.versionAliases ?? {}).length > 0)
    throw invalidArgument('A new secret has no versions that aliases could name.');
  if (vault.find(name) !== undefined) throw new StatusError(Code.ALREADY_EXISTS, `Secret [${name}] already exists.`);
  return vault.saveSecret({ ...secret, name, createTime: timestamp(vault.now()), versions: 0 });
}

function update(vault: Vault, given: GivenSecret, mask: FieldMask | undefined): Secret {
  const current = vault.secret(checkSecretName(given.name));
  checkEtag(given.etag, current);
  const { ttl: _, ...masked } = applyMask<Partial<Secret> & GivenSecret>(current, given, mask, MUTABLE);
  const next = { ...current, ...masked };
  // A field that the mask names and the request lacks is unset.
  for (const field of Object.keys(current) as (keyof Secret)[]) if (!(field in masked)) delete next[field];
  if (mask?.paths?.some((path) => path === 'ttl') && given.ttl !== undefined)
    next.expireTime = timestamp(vault.now() + milliseconds(given.ttl));
  checkSecret(
    next,
    mask?.paths?.some((path) => /^(ttl|expire_?time)$/i.test(path)) ? vault.now() : Number.NEGATIVE_INFINITY,
  );
  const numbers = new Set(vault.versionsOf(current).map(({ number }) => number));
  checkAliasTargets(next, (version) => numbers.has(version));
  return vault.saveSecret(next);
}

/** A time to live counts from now; what is stored is when it ends. */
function withExpiry({ ttl, ...secret }: GivenSecret, now: number): GivenSecret {
  return ttl === undefined ? secret : { ...secret, expireTime: timestamp(now + milliseconds(ttl)) };
}

function list(vault: Vault, request: { parent?: string; filter?: string } & PageRequest): object {
  const matches = parseListFilter<Secret>(request.filter, fieldOf);
  const secrets = vault.secretsOf(checkParent(request.parent)).filter(matches);
  const { items, nextPageToken } = page(secrets, ({ name }) => name, request);
  return { secrets: items.map(shown), nextPageToken, totalSize: secrets.length };
}

function fieldOf(secret: Secret, field: string): string {
  if (field === 'name') return splitVersionName(secret.name).secret;
  const [map, ...key] = field.split('.');
  if (map === 'labels') return secret.labels?.[key.join('.')] ?? '';
  if (map === 'annotations') return secret.annotations?.[key.join('.')] ?? '';
  throw invalidArgument(`Invalid filter: secrets are not filtered by [${field}].`);
}

function shown({ versions: _, ...secret }: Secret): object {
  return secret;
}

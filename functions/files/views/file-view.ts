import type { StoredFile } from '../domain/file.ts';
import type { Grant } from '../domain/sharing.ts';
import type { PageMark } from '../store/file-pages.ts';

/** A file as it is answered over HTTP. */
export function fileView(file: StoredFile) {
  const { fileId, name, contentType, kind, bytes, sha256, labels, ownerId, state, quarantine, createdAt, scannedAt } =
    file;
  return {
    fileId,
    name,
    contentType,
    ...(kind === undefined ? {} : { kind }),
    bytes,
    sha256,
    labels,
    ownerId,
    state,
    ...(quarantine === undefined ? {} : { quarantine }),
    createdAt: createdAt.toISOString(),
    ...(scannedAt === undefined ? {} : { scannedAt: scannedAt.toISOString() }),
  };
}

type PermissionView = { user: string; access: Grant['access'] } | { role: string; access: Grant['access'] };

export function permissionView({ kind, grantee, access }: Grant): PermissionView {
  return kind === 'user' ? { user: grantee, access } : { role: grantee, access };
}

/** One grant for each user and role: where one is named twice, the last counts. */
export function readPermissions(permissions: readonly PermissionView[]): Grant[] {
  const grants = permissions.map((each): Grant => {
    const { access } = each;
    return 'user' in each ? { kind: 'user', grantee: each.user, access } : { kind: 'role', grantee: each.role, access };
  });
  return [...new Map(grants.map((grant) => [`${grant.kind}:${grant.grantee}`, grant])).values()];
}

/** `name:value`, several with commas between. Undefined where it is not that. */
export function readLabels(text: string): Record<string, string> | undefined {
  const pairs = text.split(',').map((pair) => /^([a-z][a-z0-9_-]{0,62}):(.{0,200})$/.exec(pair.trim()));
  const read = pairs.flatMap((pair): [string, string][] => (pair === null ? [] : [[pair[1] ?? '', pair[2] ?? '']]));
  return read.length === pairs.length ? Object.fromEntries(read) : undefined;
}

/** A page mark as opaque text. */
export function writeMark({ createdAt, fileId }: StoredFile): string {
  return Buffer.from(JSON.stringify([createdAt, fileId])).toString('base64url');
}

/** Undefined where the text was not written by `writeMark`. */
export function readMark(text: string): PageMark | undefined {
  const [, createdAt, fileId] =
    /^\["([^"]+)","([0-9a-f-]{36})"\]$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  if (createdAt === undefined || fileId === undefined) return undefined;
  const at = new Date(createdAt);
  return Number.isNaN(at.getTime()) ? undefined : { createdAt: at, fileId };
}

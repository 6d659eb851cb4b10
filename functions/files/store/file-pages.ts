import type { Transaction } from '#core/database.ts';
import type { StoredFile } from '../domain/file.ts';
import { type FileRow, toFile } from './file-row.ts';

/** A place in the list of files: after the file asked for then, of that id. */
export interface PageMark {
  createdAt: Date;
  fileId: string;
}

export interface FileFilter {
  /** Part of the name. */
  name?: string | undefined;
  kind?: string | undefined;
  state?: string | undefined;
  contentType?: string | undefined;
  ownerId?: string | undefined;
  sha256?: string | undefined;
  labels?: Record<string, string> | undefined;
  createdFrom?: string | undefined;
  createdBefore?: string | undefined;
}

/** Who is looking; an administrator sees every file of the organisation. */
export interface Viewer {
  id: string;
  roles: readonly string[];
  administrator: boolean;
}

/** Files that the viewer may see, from the latest to the earliest, beginning after `mark`. */
export async function findFiles(
  tx: Transaction,
  viewer: Viewer,
  filter: FileFilter,
  mark: PageMark | undefined,
  limit: number,
): Promise<StoredFile[]> {
  const { name, kind, state, contentType, ownerId, sha256, labels, createdFrom, createdBefore } = filter;
  const rows = await tx<FileRow[]>`
    select * from file_metadata f
    where tenant = current_tenant() and state <> 'deleted'
      ${viewer.administrator ? tx`` : visibleTo(tx, viewer)}
      ${mark === undefined ? tx`` : tx`and (created_at, file_id) < (${mark.createdAt}, ${mark.fileId})`}
      ${name === undefined ? tx`` : tx`and strpos(lower(name), lower(${name})) > 0`}
      ${kind === undefined ? tx`` : tx`and kind = ${kind}`}
      ${state === undefined ? tx`` : tx`and state = ${state}`}
      ${contentType === undefined ? tx`` : tx`and content_type = ${contentType}`}
      ${ownerId === undefined ? tx`` : tx`and owner_id = ${ownerId}`}
      ${sha256 === undefined ? tx`` : tx`and sha256 = ${sha256}`}
      ${labels === undefined ? tx`` : tx`and labels @> ${tx.json(labels)}`}
      ${createdFrom === undefined ? tx`` : tx`and created_at >= ${createdFrom}`}
      ${createdBefore === undefined ? tx`` : tx`and created_at < ${createdBefore}`}
    order by created_at desc, file_id desc limit ${limit}`;
  return rows.map(toFile);
}

function visibleTo(tx: Transaction, { id, roles }: Viewer) {
  return tx`and (owner_id = ${id} or exists (
    select from file_permissions p where p.tenant = f.tenant and p.file_id = f.file_id
      and (p.grantee_kind = 'user' and p.grantee = ${id} or p.grantee_kind = 'role' and p.grantee = any(${[...roles]}::text[]))))`;
}

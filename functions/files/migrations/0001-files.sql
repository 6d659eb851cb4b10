-- Up Migration

-- One row a file, from the moment its upload is asked for. Its bytes lie in one bucket at a time, by its state: where clients put them
-- while it is scanned, then where clean files or refused ones are kept, always under tenant/file_id.
create table file_metadata (
  tenant uuid not null default current_tenant(),
  file_id uuid not null,
  owner_id text not null,
  name text not null,
  content_type text not null,
  bytes bigint not null check (bytes > 0),
  sha256 text not null,
  md5 text,
  crc32c text,
  labels jsonb not null,
  state text not null check (state in ('awaiting-upload', 'scanning', 'clean', 'quarantined', 'deleted')),
  -- Of the object in the bucket of its state.
  generation text,
  kind text,
  quarantine_reason text,
  quarantine_detail text,
  created_at timestamptz not null,
  uploaded_at timestamptz,
  scanned_at timestamptz,
  deleted_at timestamptz,
  primary key (tenant, file_id),
  check ((state in ('scanning', 'clean')) <= (generation is not null)),
  check ((state = 'quarantined') <= (quarantine_reason is not null))
);
create index latest_files on file_metadata (tenant, created_at desc, file_id desc) where state <> 'deleted';
create index files_by_label on file_metadata using gin (labels);
select protect_tenant_table('file_metadata');

-- Whom a file is shared with, beside its owner and the administrators.
create table file_permissions (
  tenant uuid not null default current_tenant(),
  file_id uuid not null,
  grantee_kind text not null check (grantee_kind in ('user', 'role')),
  grantee text not null,
  access text not null check (access in ('read', 'write')),
  primary key (tenant, file_id, grantee_kind, grantee),
  foreign key (tenant, file_id) references file_metadata on delete cascade
);
create index files_by_grantee on file_permissions (tenant, grantee_kind, grantee);
select protect_tenant_table('file_permissions');

-- Uploads are admitted under the lock of this row, so that no two of them take the same space.
create table storage_quotas (
  tenant uuid primary key default current_tenant(),
  used_bytes bigint not null default 0 check (used_bytes >= 0),
  reserved_bytes bigint not null default 0 check (reserved_bytes >= 0),
  files bigint not null default 0 check (files >= 0),
  -- What was agreed with an organisation beside its plan; null: the plan's.
  agreed_bytes bigint check (agreed_bytes >= 0)
);
select protect_tenant_table('storage_quotas');

-- Down Migration
drop table storage_quotas, file_permissions, file_metadata;

-- Up Migration
-- What must be read before it is known which organisation somebody acts for is global and holds no more than that needs:
-- credentials, memberships, failed attempts and the signing keys. Everything else about people belongs to their organisation.

create table credentials (
  user_id uuid primary key,
  -- In lower case.
  email text not null unique,
  -- Argon2id in PHC form, parameters included.
  password_hash text not null,
  created_at timestamptz not null
);
select declare_global_table('credentials', 'looked up by e-mail when somebody logs in, before an organisation is known');

create table memberships (
  user_id uuid not null references credentials,
  organization uuid not null,
  joined_at timestamptz not null,
  primary key (user_id, organization)
);
select declare_global_table('memberships', 'which organisations a person may log in for, read before one is chosen; ids only');

create table login_attempts (
  -- SHA-256 of the e-mail in lower case: unknown addresses are counted as well, and none is kept.
  email_digest text primary key,
  failures int not null default 0,
  last_attempt_at timestamptz not null,
  locked_until timestamptz
);
select declare_global_table('login_attempts', 'guards against guessing, for addresses that may belong to nobody; digests only');

create table signing_keys (
  kid text primary key,
  public_key jsonb not null,
  -- AES-256-GCM over the PKCS #8 form: 12 bytes of nonce, 16 of tag, the rest. The kid is authenticated with it.
  private_key bytea not null,
  created_at timestamptz not null,
  active_from timestamptz not null
);
select declare_global_table('signing_keys', 'the platform signs the tokens of every organisation; private keys are encrypted');

create table organizations (
  tenant uuid primary key default current_tenant(),
  name text not null,
  created_by uuid not null,
  created_at timestamptz not null
);
select protect_tenant_table('organizations');

create table users (
  tenant uuid not null default current_tenant(),
  user_id uuid not null,
  email text not null,
  preferences jsonb not null default '{}',
  version int not null default 1,
  registered_at timestamptz not null,
  primary key (tenant, user_id)
);
select protect_tenant_table('users');

create table role_assignments (
  tenant uuid not null default current_tenant(),
  user_id uuid not null,
  role text not null,
  assigned_by text not null,
  assigned_at timestamptz not null,
  primary key (tenant, user_id, role),
  foreign key (tenant, user_id) references users on delete cascade
);
select protect_tenant_table('role_assignments');

create table sessions (
  tenant uuid not null default current_tenant(),
  session_id uuid not null,
  user_id uuid not null,
  opened_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_because text check (ended_because in ('logged-out', 'ended-by-user', 'refresh-token-reused')),
  primary key (tenant, session_id),
  foreign key (tenant, user_id) references users on delete cascade
);
create index sessions_of_user on sessions (tenant, user_id, opened_at);
select protect_tenant_table('sessions');

-- A refresh token names its organisation, so its row can be protected: a token that names another one finds nothing.
create table refresh_tokens (
  tenant uuid not null default current_tenant(),
  -- SHA-256 of a token of 256 random bits.
  token_digest text not null,
  session_id uuid not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  -- When it was changed for the next one: a token that comes again after that was stolen, now or then.
  used_at timestamptz,
  primary key (tenant, token_digest),
  foreign key (tenant, session_id) references sessions on delete cascade
);
create index refresh_tokens_of_session on refresh_tokens (tenant, session_id);
select protect_tenant_table('refresh_tokens');

create table invitations (
  tenant uuid not null default current_tenant(),
  code_digest text not null,
  email text not null,
  roles text[] not null,
  invited_by text not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  primary key (tenant, code_digest)
);
select protect_tenant_table('invitations');

-- Down Migration
drop table invitations, refresh_tokens, sessions, role_assignments, users, organizations, signing_keys, login_attempts, memberships, credentials;
